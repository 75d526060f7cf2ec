"""The Python environments of functions: built once per requirements, and kept.

The platform has one Python per runtime; here every runtime is the Python that runs the sandbox.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sandbox.cdf.functions.processes import Processes, StoppedError

# What a process needs to find programs and to trust certificates, and what pip needs to find its configuration.
_BASE = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PIP = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME")

_SDK = re.compile(r"^\s*cognite[-_.]sdk\b", re.IGNORECASE | re.MULTILINE)


class EnvironmentFailedError(Exception):
    """The environment cannot be built; the text says what pip said."""


def base_variables() -> dict[str, str]:
    """The environment variables that every process gets: programs, language, certificates and proxies."""
    names = (*_BASE, *_PROXIES, *(name.lower() for name in _PROXIES))
    variables = {name: os.environ[name] for name in names if name in os.environ}
    if any(name in variables for name in (*_PROXIES, *(name.lower() for name in _PROXIES))):
        # The sandbox itself is never behind the proxy.
        direct = ",".join(
            filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost"])
        )
        variables |= {"NO_PROXY": direct, "no_proxy": direct}
    return variables


def runtime_version() -> str:
    """The Python of the environments, e.g. `Python 3.12.1`."""
    return f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"


def requirements_of(root: Path) -> str:
    """The requirements of an unpacked function, with the SDK that the platform adds where they name none."""
    file = root / "requirements.txt"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return text if _SDK.search(text) else f"{text.rstrip()}\ncognite-sdk\n".lstrip()


def python_for(requirements: str, *, indexes: Sequence[str], folder: Path, processes: Processes) -> Path:
    """The Python executable of the environment that has these requirements; builds it if it is not there.

    Several processes may ask for the same environment at once: one builds, the others wait for it.

    Args:
        requirements: Text of `requirements.txt`. Paths in it do not resolve; only what pip can find by name does.
        indexes: Further arguments for pip that name package indexes.
        folder: Where environments are kept.
        processes: Runs venv and pip.

    Raises:
        EnvironmentFailedError: pip or venv failed.
        StoppedError: The server stopped meanwhile.
    """
    identity = "\n".join([sys.version, os.path.realpath(sys.executable), *indexes, requirements])
    key = hashlib.sha256(identity.encode()).hexdigest()[:24]
    folder = folder.absolute()
    home = folder / key
    python = home / "bin" / "python"
    if not python.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / f"{key}.lock", processes):
            if not python.exists():
                # What is there lost the Python that it was made from.
                shutil.rmtree(home, ignore_errors=True)
                partial = folder / f"{key}.partial"
                _build(partial, requirements, indexes, processes)
                # The rename is what makes an environment exist: a killed build leaves none behind.
                partial.rename(home)
    return python


def _build(home: Path, requirements: str, indexes: Sequence[str], processes: Processes) -> None:
    shutil.rmtree(home, ignore_errors=True)
    variables = base_variables() | {
        name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in _PIP
    }
    output: list[str] = []

    def run(*args: str | Path) -> None:
        ended = processes.run(args, folder=home.parent, variables=variables, on_line=output.append)
        if processes.stopping.is_set():
            raise StoppedError
        if ended.code:
            raise EnvironmentFailedError("\n".join(output) or f"{args[0]} ended with exit code {ended.code}")

    run(sys.executable, "-I", "-m", "venv", home)
    file = home / "requirements.txt"
    file.write_text(requirements, encoding="utf-8")
    python = home / "bin" / "python"
    run(python, "-I", "-m", "pip", "install", "--quiet", "--no-input", *indexes, "--requirement", file)


@contextlib.contextmanager
def _locked(path: Path, processes: Processes) -> Iterator[None]:
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # Asked again and again, so that a stopping server does not wait for another one's build.
                if processes.stopping.wait(0.1):
                    raise StoppedError from None
        yield
