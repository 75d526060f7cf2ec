"""`python -m benchmarks.imports`: what importing each function adds to importing the SDK, which the platform has done.

Every measurement is an interpreter of its own that imports first the SDK and then the function's handler. Compiled
files are warm: each function is imported once before it counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cores import CLIENTS, pin

ROOT = Path(__file__).resolve().parents[1]
MOST = 0.25
"""The share of the SDK's own time that an import may take."""

_CHILD = """
import sys, time
begin = time.process_time()
import cognite.client
sdk = time.process_time()
known = len(sys.modules)
import handler
end = time.process_time()
print(sdk - begin, end - sdk, len(sys.modules) - known)
"""


@dataclass(frozen=True)
class Import:
    """What one function's import takes.

    Attributes:
        function: Its name.
        sdk_milliseconds: CPU time of the SDK's import, the best of all runs.
        milliseconds: CPU time of the handler's import after it, the best of all runs.
        median_milliseconds: The median of all runs.
        share: The one best by the other.
        modules: How many modules the handler adds.
    """

    function: str
    sdk_milliseconds: float
    milliseconds: float
    median_milliseconds: float
    share: float
    modules: int


def measured(function: str, runs: int, compiled: Path) -> Import:
    """One function, in so many interpreters.

    Args:
        function: Its folder's name.
        runs: How many count.
        compiled: Where compiled files are kept.
    """
    found = [_once(function, compiled) for _ in range(runs + 1)][1:]
    sdk, own = min(run[0] for run in found), min(run[1] for run in found)
    median = statistics.median(run[1] for run in found)
    return Import(
        function,
        round(sdk * 1000, 1),
        round(own * 1000, 1),
        round(median * 1000, 1),
        round(own / sdk, 3),
        int(found[0][2]),
    )


def functions() -> list[str]:
    """The names of the functions."""
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def _once(function: str, compiled: Path) -> list[float]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(compiled),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions" / function), str(ROOT / "shared")]),
    }
    # Not from the root of the repository, where other things could be imported.
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], cwd=compiled, env=environment, capture_output=True, text=True, check=True
    )
    return [float(figure) for figure in done.stdout.split()]


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=15, help="interpreters for each function (default: 15)")
    chosen = options.parse_args()
    pin(CLIENTS)
    with TemporaryDirectory() as compiled:
        imports = [measured(function, chosen.runs, Path(compiled)) for function in functions()]
    print(f"{'import of':<20}{'SDK ms':>8}{'best ms':>9}{'median':>8}{'modules':>9}{'share':>8}   at most {MOST:.0%}")
    for each in imports:
        print(
            f"{each.function:<20}{each.sdk_milliseconds:>8.0f}{each.milliseconds:>9.1f}"
            f"{each.median_milliseconds:>8.1f}{each.modules:>9}{each.share:>8.1%}"
        )
    for each in imports:
        print(json.dumps(asdict(each)))


if __name__ == "__main__":
    main()
