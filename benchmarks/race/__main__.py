"""`python -m benchmarks.race`: the function, the script that most people write, and the floor, on the same jobs."""

from __future__ import annotations

import argparse
import sys

from benchmarks.race import report
from benchmarks.race.scenarios import CONTESTANTS, Measured, race
from benchmarks.race.servers import servers


def main() -> int:
    """Measures and prints; 1 when a contestant did not do its work."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=20_000, help="jobs in Plex (default: 20000)")
    options.add_argument("--runs", type=int, default=5, help="runs of each contestant (default: 5)")
    options.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), help="who runs (default: all)"
    )
    chosen = options.parse_args()
    measured: list[Measured] = []
    with servers(chosen.jobs) as both:
        for number in range(chosen.runs):
            for contestant in chosen.contestants:
                print(f"run {number + 1} of {chosen.runs}: {CONTESTANTS[contestant]}", file=sys.stderr)
                measured += race(both, contestant, chosen.jobs)
    report.table(measured)
    report.lines(measured)
    return any(each.wrong for each in measured)


if __name__ == "__main__":
    sys.exit(main())
