"""Processes that belong to the server: started in a group of their own, read line by line, and never left behind."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
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
    """

    code: int
    timed_out: bool


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
        seconds: float | None = None,
    ) -> Exit:
        """Run a command to its end.

        Args:
            args: The command.
            owner: Who the process belongs to, for `kill`.
            folder: Its working directory.
            variables: Its whole environment; nothing is inherited.
            on_line: Gets every line of stdout and stderr when it is written, without the line end.
            stdin: What the process reads.
            seconds: Its time limit.

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
            return _attend(process, on_line, stdin, seconds)
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


def _attend(
    process: subprocess.Popen[bytes], on_line: Callable[[str], None], stdin: bytes, seconds: float | None
) -> Exit:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe by the caller; tells mypy so
    assert process.stdout is not None  # noqa: S101 - the same
    timed_out = threading.Event()

    def out_of_time() -> None:
        timed_out.set()
        _kill_group(process)

    reader = threading.Thread(target=_read_lines, args=(process.stdout, on_line), daemon=True)
    timer = threading.Timer(seconds, out_of_time) if seconds is not None else None
    reader.start()
    if timer:
        timer.start()
    try:
        # A process may end, or be killed, before it has read everything.
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(stdin)
        code = process.wait()
    finally:
        if timer:
            timer.cancel()
        # What the process started and left running ends with it, as in a container.
        _kill_group(process)
        process.wait()
        # Only a grandchild that left the group could still hold the pipe open; nobody waits for that one.
        reader.join(timeout=5)
    return Exit(code, timed_out.is_set())


def _read_lines(stream: IO[bytes], on_line: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            on_line(line.decode("utf-8", errors="replace").rstrip("\r\n"))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
