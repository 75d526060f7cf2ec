"""Where functions run: unpacked once, in the environment of their requirements, one process per call."""

import io
import json
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.cdf.functions.environment import EnvironmentFailedError, base_variables, python_for, requirements_of
from sandbox.cdf.functions.processes import Exit, Limits, Processes

_CHILD = Path(__file__).with_name("child.py")
TIME_LIMIT_SECONDS = 9 * 60.0
RESPONSE_BYTES = 1_000_000
BYTES_PER_GB = 1_000_000_000


@dataclass(frozen=True)
class Code:
    """A function's code, as deployed.

    Attributes:
        function_id: The function.
        zip: The deployed zip file.
        path: The handler's file inside it.
        indexes: Arguments for pip that name the function's own package indexes.
        variables: The function's environment variables.
        memory: How much memory a call may use, in GB.
    """

    function_id: int
    zip: bytes
    path: str
    indexes: tuple[str, ...]
    variables: Mapping[str, str]
    memory: float


@dataclass(frozen=True)
class Outcome:
    """How a call, or the check of a deployment, ended.

    Attributes:
        status: `Completed`, `Failed` or `Timeout`.
        response: What `handle()` returned, as JSON text; None unless completed.
        error: `{"message", "trace"}`; None when completed.
        usage: What its process used: `{"cpuSeconds", "peakBytes"}`; None when it was killed.
    """

    status: str
    response: str | None = None
    error: dict[str, str] | None = None
    usage: dict[str, float] | None = None

    @classmethod
    def failed(cls, message: str, trace: str = "", status: str = "Failed") -> "Outcome":
        """An outcome with an error."""
        return cls(status, error={"message": message, "trace": trace})


class Runner:
    """Runs deployed code. Its methods block and belong in threads of `background`.

    Args:
        environments: Folder that keeps Python environments.

    Attributes:
        time_limit: Seconds that a call may take.
        cores: The processor cores that calls run on; None for those of the server.
        stopping: Set as soon as the server stops; what ends then was killed.
    """

    def __init__(self, environments: Path) -> None:
        self.time_limit = TIME_LIMIT_SECONDS
        self.cores: Collection[int] | None = None
        self._environments = environments
        self._processes = Processes()
        self.stopping = self._processes.stopping
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._locks: dict[int, threading.Lock] = {}
        self._pythons: dict[int, Path] = {}
        self._threads: set[threading.Thread] = set()

    def background(self, task: Callable[[], None]) -> None:
        """Run a task in a thread of its own, which `stop` waits for."""

        def work() -> None:
            try:
                task()
            finally:
                self._threads.discard(thread)

        thread = threading.Thread(target=work, daemon=True)
        self._threads.add(thread)
        thread.start()

    def check(self, code: Code) -> Outcome:
        """Deploy: build the environment, unpack the zip, and import the handler in a process of its own.

        Raises:
            StoppedError: The server stopped meanwhile.
        """
        return self._run(code, {}, seconds=TIME_LIMIT_SECONDS, on_line=lambda _: None)

    def call(self, code: Code, order: Mapping[str, Any], *, on_line: Callable[[str], None]) -> Outcome:
        """Call `handle()` once.

        Args:
            code: What to run.
            order: `data`, `secrets`, `function_call_info`, and `client` (`project`, `base_url`, `token`).
            on_line: Gets each line of the log when it is written.

        Raises:
            StoppedError: The server is stopping.
        """
        return self._run(code, order, seconds=self.time_limit, on_line=on_line)

    def forget(self, function_id: int) -> None:
        """Kill what runs of a function, and remove its code."""
        self._processes.kill(function_id)
        with self._lock:
            self._pythons.pop(function_id, None)
            self._locks.pop(function_id, None)
            if self._folder:
                shutil.rmtree(self._folder / str(function_id), ignore_errors=True)

    def stop(self) -> None:
        """Kill everything that runs and leave nothing behind but the environments."""
        self._processes.stop()
        for thread in list(self._threads):
            thread.join(timeout=10)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, code: Code, order: Mapping[str, Any], *, seconds: float, on_line: Callable[[str], None]) -> Outcome:
        try:
            root, python = self._prepared(code)
        except EnvironmentFailedError as error:
            return Outcome.failed("The environment cannot be built from requirements.txt.", str(error))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError) as error:
            # RuntimeError is what zipfile raises for a zip with a password.
            return Outcome.failed(f"The function's file is not a usable zip: {error}")
        with tempfile.TemporaryDirectory(dir=self._work_folder(), ignore_cleanup_errors=True) as scratch:
            answers, home = Path(scratch, "answers"), Path(scratch, "home")
            answers.mkdir()
            home.mkdir()
            ended = self._processes.run(
                # Isolated, so that nothing but the code's root and the environment is on the path.
                [python, "-I", "-u", "-X", "utf8", _CHILD],
                owner=code.function_id,
                folder=root,
                variables=base_variables() | {"HOME": str(home), "TMPDIR": str(home), "TZ": "UTC", **code.variables},
                stdin=json.dumps(
                    {"root": str(root), "functionPath": code.path, "answers": str(answers), **order}
                ).encode(),
                limits=Limits(seconds, round(code.memory * BYTES_PER_GB), self.cores),
                on_line=on_line,
            )
            usage = answers / "usage.json"
            used = json.loads(usage.read_text(encoding="utf-8")) if usage.exists() else None
            return replace(self._outcome(code, ended, answers), usage=used)

    def _outcome(self, code: Code, ended: Exit, answers: Path) -> Outcome:
        if ended.timed_out:
            return Outcome.failed("The time limit was reached.", status="Timeout")
        if ended.out_of_memory:
            return Outcome.failed(f"The function used more than the {code.memory} GB of memory that it may use.")
        if ended.code and self.stopping.is_set():
            return Outcome.failed("The server stopped during the call.")
        error, response = answers / "error.json", answers / "response.json"
        # A process that was killed may have left half an answer.
        if ended.code or not (error.exists() or response.exists()):
            return Outcome.failed(f"The function's process ended with exit code {ended.code}.")
        if error.exists():
            return Outcome.failed(**json.loads(error.read_text(encoding="utf-8")))
        text = response.read_text(encoding="utf-8")
        size = len(text.encode())
        if size > RESPONSE_BYTES:
            return Outcome.failed(f"The response has {size} bytes, more than the {RESPONSE_BYTES} allowed.")
        return Outcome("Completed", response=text)

    def _prepared(self, code: Code) -> tuple[Path, Path]:
        """The folder of the unpacked code and its Python; both are made at the first use."""
        with self._lock:
            lock = self._locks.setdefault(code.function_id, threading.Lock())
        root = self._work_folder() / str(code.function_id)
        with lock:
            if code.function_id not in self._pythons:
                shutil.rmtree(root, ignore_errors=True)
                with zipfile.ZipFile(io.BytesIO(code.zip)) as archive:
                    # It drops absolute and parent parts of names by itself.
                    archive.extractall(root)
                python = python_for(
                    requirements_of(root),
                    indexes=code.indexes,
                    folder=self._environments,
                    processes=self._processes,
                )
                self._pythons[code.function_id] = python
            return root, self._pythons[code.function_id]

    def _work_folder(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="cdf-functions-"))
            return self._folder


def index_arguments(index_url: str | None, extra_index_urls: Sequence[str]) -> tuple[str, ...]:
    """Arguments for pip that name package indexes."""
    own = ("--index-url", index_url) if index_url else ()
    return (*own, *(part for url in extra_index_urls for part in ("--extra-index-url", url)))
