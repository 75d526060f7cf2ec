"""`python -m benchmarks.plant`: a large plant through the deployed functions, within the limits of a real one."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

from benchmarks.plant import report
from benchmarks.plant.scenarios import deployed, measure
from benchmarks.plant.shop import DAYS, shop
from benchmarks.plant.verdict import faults
from sandbox.demo.deploying import DeployError
from sandbox.plex import Clock


def main() -> int:
    """Measures and prints; 1 when a call exceeds a limit or fails, or an idle one writes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", type=float, default=1.0, help="share of the plant's size (default: 1)")
    options.add_argument("--days", type=int, default=DAYS, help=f"days of history (default: {DAYS})")
    chosen = options.parse_args()
    if not 0 < chosen.scale <= 1 or chosen.days < 1:
        options.error("--scale is above 0 and at most 1, --days at least 1")
    plant = shop(chosen.scale, chosen.days)
    clock = Clock(plant.ends + timedelta(minutes=1))
    calls = []
    print("deploying …", file=sys.stderr, flush=True)
    try:
        with deployed(plant, clock) as (stand_ins, cdf):
            print(report.header(), flush=True)
            for call in measure(stand_ins, cdf, plant, clock):
                calls.append(call)
                print(report.line(call), flush=True)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    wrong = faults(calls)
    print("", *report.summary(calls), *wrong, *report.json_lines(calls), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
