"""Processes that belong to the server: started in a group of their own, read line by line, and never left behind."""

import contextlib
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class StoppedError(Exception):
    """The server is stopping and starts no more processes."""


@dataclass(frozen=True)
class Exit:
    """How a process ended.

    Attributes:
        code: Its exit code, negative for the signal that ended it.
        timed_out: Whether it was killed because its time was up.
        out_of_memory: Whether it was killed because it used too much memory.
    """

    code: int
    timed_out: bool
    out_of_memory: bool


@dataclass(frozen=True)
class Limits:
    """What a process may use; more than that kills it.

    Attributes:
        seconds: Time.
        memory: Bytes of memory; looked after where the system has `/proc`.
        cores: The processor cores that it runs on; None for those of the server.
    """

    seconds: float | None = None
    memory: int | None = None
    cores: Collection[int] | None = None


NO_LIMITS = Limits()
_WATCH_SECONDS = 0.05
_MOST_OF_A_LINE = 65_536


class Processes:
    """The processes that run now. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[subprocess.Popen[bytes], Hashable] = {}
        self.stopping = threading.Event()

    def run(
        self,
        args: Sequence[str | Path],
        *,
        owner: Hashable = None,
        folder: Path,
        variables: Mapping[str, str],
        on_line: Callable[[str], None],
        stdin: bytes = b"",
        limits: Limits = NO_LIMITS,
    ) -> Exit:
        """Run a command to its end.

        Args:
            args: The command.
            owner: Who the process belongs to, for `kill`.
            folder: Its working directory.
            variables: Its whole environment; nothing is inherited.
            on_line: Gets every line of stdout and stderr when it is written, without the line end.
            stdin: What the process reads.
            limits: What it may use.

        Raises:
            StoppedError: The server is stopping.
            OSError: The command cannot be started.
        """
        with self._lock:
            if self.stopping.is_set():
                raise StoppedError
            process = subprocess.Popen(
                [str(arg) for arg in args],
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running[process] = owner
        try:
            if limits.cores is not None:
                os.sched_setaffinity(process.pid, limits.cores)
            return _attend(process, on_line, stdin, limits)
        finally:
            with self._lock:
                del self._running[process]

    def kill(self, owner: Hashable) -> None:
        """Kill the processes of one owner."""
        with self._lock:
            for process in [each for each, whose in self._running.items() if whose == owner]:
                _kill_group(process)

    def stop(self) -> None:
        """Kill everything that runs, and start nothing from now on."""
        with self._lock:
            self.stopping.set()
            for process in self._running:
                _kill_group(process)


def _attend(process: subprocess.Popen[bytes], on_line: Callable[[str], None], stdin: bytes, limits: Limits) -> Exit:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe by the caller; tells mypy so
    assert process.stdout is not None  # noqa: S101 - the same
    ended = threading.Event()
    broken: list[str] = []
    watch = threading.Thread(target=_watch, args=(process, limits, ended, broken), daemon=True)
    reader = threading.Thread(target=_read_lines, args=(process.stdout, on_line), daemon=True)
    reader.start()
    watch.start()
    try:
        # A process may end, or be killed, before it has read everything.
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(stdin)
        code = process.wait()
    finally:
        ended.set()
        # What the process started and left running ends with it, as in a container.
        _kill_group(process)
        process.wait()
        watch.join()
        # Only a grandchild that left the group could still hold the pipe open; nobody waits for that one.
        reader.join(timeout=5)
    return Exit(code, timed_out="time" in broken, out_of_memory="memory" in broken)


def _watch(process: subprocess.Popen[bytes], limits: Limits, ended: threading.Event, broken: list[str]) -> None:
    """Kill a process that uses more than it may, and say of what."""
    give_up = None if limits.seconds is None else time.monotonic() + limits.seconds
    while not (broken or ended.wait(_WATCH_SECONDS)):
        if give_up is not None and time.monotonic() > give_up:
            broken.append("time")
        elif limits.memory is not None and _memory(process.pid) > limits.memory:
            broken.append("memory")
    if broken:
        _kill_group(process)


def _memory(pid: int) -> int:
    """Bytes of memory that a process uses; 0 where the system does not say, or when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _read_lines(stream: IO[bytes], on_line: Callable[[str], None]) -> None:
    with stream:
        while line := stream.readline(_MOST_OF_A_LINE):
            on_line(line.decode("utf-8", errors="replace").rstrip("\r\n"))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
