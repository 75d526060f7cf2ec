"""One process that runs `cdf` again and again: its start takes longer than most commands do.

It reads a JSON array per line, the arguments and what a person would type, and answers a JSON object per line.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

from cognite_toolkit import _cdf  # type: ignore[import-untyped]
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput


def run(arguments: Sequence[str], typed: str) -> tuple[int, str]:
    """Exit code and output of one run."""
    said, code = io.StringIO(), 0
    sys.argv = ["cdf", *arguments]
    sys.stdin = io.StringIO("\n" * 9)  # for "press enter"
    with contextlib.ExitStack() as stack:
        keys = stack.enter_context(create_pipe_input())
        stack.enter_context(create_app_session(input=keys, output=DummyOutput()))
        stack.enter_context(contextlib.redirect_stdout(said))
        stack.enter_context(contextlib.redirect_stderr(said))
        keys.send_text(typed)
        try:
            _cdf.app()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:  # noqa: BLE001 - what is thrown at the top is shown, as Python would
            traceback.print_exc()
            code = 1
    return code, said.getvalue()


def serve(asked: TextIO, answers: TextIO) -> None:
    """Run what is asked for until there is no more."""
    for line in asked:
        code, output = run(*json.loads(line))
        print(json.dumps({"code": code, "output": output}), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
