"""Runs in a function's own process: imports its code and calls `handle()`.

Started as `python -I child.py`, with the order as JSON on stdin, and stdout and stderr captured as the log. The answer
goes to a file, where prints cannot corrupt it: `response.json`, or `error.json` with message and trace; beside it what
the process used, `usage.json`. This module imports nothing but the standard library and what the function's environment
has.
"""

import importlib
import inspect
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

ARGUMENTS = {"client", "data", "secrets", "function_call_info"}


def load_handle(root: str, function_path: str) -> Callable[..., object]:
    """Import the function's module and return its `handle`.

    Raises:
        FileNotFoundError: There is no such file.
        TypeError: The module has no `handle` that the platform can call.
        BaseException: Whatever importing the module raises.
    """
    if not Path(root, function_path).is_file():
        raise FileNotFoundError(f"No file found at '{function_path}'.")
    sys.path.insert(0, root)
    module = importlib.import_module(".".join(PurePosixPath(function_path).with_suffix("").parts))
    handle = getattr(module, "handle", None)
    if not callable(handle) or isinstance(handle, type) or inspect.iscoroutinefunction(handle):
        raise TypeError(f"{function_path} must contain a function named 'handle'.")
    unknown = set(inspect.signature(handle).parameters) - ARGUMENTS
    if unknown:
        raise TypeError(f"Arguments {sorted(unknown)} of 'handle' are unknown: allowed are {sorted(ARGUMENTS)}.")
    return handle  # type: ignore[no-any-return]  # getattr of a module is Any


def make_client(project: str, base_url: str, token: str) -> object:
    """The CogniteClient that `handle` gets."""
    from cognite.client import ClientConfig, CogniteClient, global_config  # noqa: PLC0415 - only where handle asks for it
    from cognite.client.credentials import Token  # noqa: PLC0415 - the same

    # Else every client asks the package index for a newer SDK in the background.
    global_config.disable_pypi_version_check = True
    config = ClientConfig(client_name="cognite-function", project=project, base_url=base_url, credentials=Token(token))
    return CogniteClient(config)


def call(handle: Callable[..., object], order: dict[str, Any]) -> str:
    """Call `handle` with the arguments that it declares and return its answer as JSON."""
    declared = inspect.signature(handle).parameters
    arguments = {name: order[name] for name in ARGUMENTS - {"client"} if name in declared}
    if "client" in declared:
        arguments["client"] = make_client(**order["client"])
    return json.dumps(handle(**arguments), allow_nan=False, separators=(",", ":"))


def describe(error: BaseException, root: str) -> str:
    """The error as JSON, its trace beginning in the function's own code."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(root):
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace))
    return json.dumps({"message": "".join(traceback.format_exception_only(error)).strip(), "trace": text})


def usage() -> str:
    """What this process has used so far, as JSON: seconds of CPU on all threads, and its most memory, in bytes.

    The system's `ru_maxrss` begins with what the parent had when it forked; only `VmHWM` is the process's own.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return json.dumps({"cpuSeconds": time.process_time(), "peakBytes": 1024 * peak})


def main() -> None:
    """Do what stdin orders: check the module, or call its function once."""
    order = json.loads(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    answers = Path(order["answers"])
    try:
        handle = load_handle(order["root"], order["functionPath"])
        name, text = "response.json", call(handle, order) if "data" in order else "null"
    except BaseException as error:  # noqa: BLE001 - sys.exit() and a keyboard interrupt of the function's own are failures too
        name, text = "error.json", describe(error, order["root"])
    (answers / name).write_text(text, encoding="utf-8")
    (answers / "usage.json").write_text(usage(), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    # The answer ends the call: threads that the function left running, and their exit handlers, are not waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
