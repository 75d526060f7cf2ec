"""A process that is one contestant's one run: `python -m benchmarks.race.contestant NAME < PLACE.json`.

What it imports and how it gets its client costs nothing here: a function gets a ready client, and imports are measured
by themselves.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.cores import CLIENTS, pin
from benchmarks.race.place import Place

MEGABYTE = 1024 * 1024


def main(name: str) -> None:
    """Runs, and prints what it took as the last line."""
    pin(CLIENTS)
    run = importlib.import_module(f"benchmarks.race.{name}").prepared(Place(**json.load(sys.stdin)))
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpuSeconds": cpu, "wallSeconds": wall, "peakMegabytes": round(peak() / MEGABYTE, 1)}))


def peak() -> int:
    """Most memory that this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says on Linux may be the parent's.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    main(sys.argv[1])
