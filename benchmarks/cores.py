"""Which core a process runs on, so that servers and the clients that are measured do not share one."""

import os

CLIENTS, SERVERS = 0, -1


def pin(core: int) -> None:
    """Keep this process on one core, where the system can and has another for the other side."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core]})
