"""Load the plant, run once more with nothing changed, and once more in the night."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.cores import CLIENTS, SERVERS, pin
from benchmarks.plant.calls import Call, Caller
from benchmarks.plant.verdict import IDLE, LOAD, NIGHT
from sandbox.demo import deploying
from sandbox.demo.main import reader, reader_of_plex
from sandbox.demo.passes import schedules
from sandbox.demo.reading import Cdf
from sandbox.plex import Clock, Plant
from sandbox.up import FOLDER, StandIns

AFTER_FULL_READ = timedelta(hours=2, minutes=1)
"""From the plant's end, which is a midnight, to when the nightly full read is due (`fullReadAt`)."""


@contextmanager
def deployed(plant: Plant, clock: Clock) -> Iterator[tuple[StandIns, Cdf]]:
    """Both stand-ins on one core, with the bundle deployed by the real `cdf`; its calls run on another core.

    The limits of the config that hold the extractors back are as good as none; operations of closed jobs are left out,
    and so are data sources: a day of such a shop has more rows than Plex's daily performance report gives at once.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        pin(SERVERS)
    source = deploying.read_config([plant])
    memberships = deploying.memberships(source)
    FOLDER.mkdir(exist_ok=True)
    with StandIns([plant], clock=clock, cron=False, memberships=memberships) as stand_ins, reader(stand_ins) as cdf:
        config = deploying.demo_config(source, stand_ins.plex_url, [plant])
        config["variables"]["modules"]["closedJobs"] = False
        deploying.admit_deployer(cdf, config)
        with tempfile.TemporaryDirectory(prefix="plant-", dir=FOLDER) as folder:
            file = deploying.workspace(Path(folder), config, with_data_sources=False)
            deploying.deploy(file, deploying.environment(stand_ins))
        if hasattr(os, "sched_getaffinity"):
            stand_ins.runner.cores = {cores[CLIENTS]}
        yield stand_ins, cdf


def measure(stand_ins: StandIns, cdf: Cdf, plant: Plant, clock: Clock) -> Iterator[Call]:
    """The calls of all scenarios, each as soon as it has ended; a function that failed is not called again.

    The plants' clock stands still from the first call to the last of the idle ones.
    """
    with reader_of_plex(stand_ins, plant) as plex:
        caller = Caller(cdf, plex, stand_ins.record)
        good = []
        for schedule in schedules(cdf):
            for call in caller.until_done(schedule, LOAD):
                yield call
            if call.is_done:
                good.append(schedule)
        for schedule in good:
            yield caller.once(schedule, IDLE)
        clock.set(plant.ends + AFTER_FULL_READ)
        for schedule in good:
            yield from caller.until_done(schedule, NIGHT)
