"""Build and deploy with the Cognite Toolkit, through the gate: `python -m tools.deploy deploy config.dev.yaml`.

build config.yaml               stage, `cdf build`, judge what was built; needs no credentials
deploy config.yaml [--dry-run]  build, judge the environment too, `cdf deploy`, wait until the functions are ready
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests
from cognite.client import CogniteClient
from cognite.client.exceptions import CogniteAPIError

from tools import built, client, config, variables
from tools.preflight import preflight
from tools.stage import ROOT, STAGED, StagingError, stage

NO_TELEMETRY = {
    "SENTRY_ENABLED": "false",
    # The Toolkit has no switch for its usage tracking; this is what its tracker looks at. Where the tracker cannot
    # reach its hosts, a build or deploy with credentials would retry for minutes.
    "PYTEST_CURRENT_TEST": "no usage tracking",
}
REACH_SECONDS = 15
READY_SECONDS = 1800
"""How long CDF may take to install a function's requirements; usually a few minutes."""
POLL_SECONDS = 2.0
"""At the most between two questions whether they are ready; the first come sooner."""

Echo = Callable[[str], None]


class DeployError(Exception):
    """The build or deploy failed; each line of the message says what to change."""


@dataclass(frozen=True)
class Deployment:
    """What a deploy did.

    Attributes:
        counts: number of resources by what became of them: created, updated, deleted, unchanged, skipped.
        functions: status of each function, empty after a dry run.
    """

    counts: Mapping[str, int]
    functions: Mapping[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything in CDF is different now (after a dry run: would be)."""
        return any(self.counts[what] for what in ("created", "updated", "deleted"))


def build(path: Path, env: Mapping[str, str], *, root: Path = ROOT, echo: Echo = print) -> str:
    """Stage, build and judge a configuration. Works without credentials; with them the Toolkit checks more.

    Args:
        path: the configuration file.
        env: environment variables for the Toolkit.
        root: the repository.
        echo: gets the Toolkit's output, line by line.

    Returns:
        The Toolkit's output.

    Raises:
        DeployError: when staging or the build fails, or the gate refuses what was built.
    """
    output = _build(path, env, root, echo)
    _refuse(preflight(path, env, root=root, environment=False))
    return output


def deploy(
    path: Path, env: Mapping[str, str], *, dry_run: bool = False, root: Path = ROOT, echo: Echo = print
) -> Deployment:
    """Build a configuration and deploy it into its project; wait until its functions are ready.

    Args:
        path: the configuration file.
        env: environment variables: who deploys, and every variable that the modules name.
        dry_run: only say what would change.
        root: the repository.
        echo: gets the Toolkit's output, line by line.

    Raises:
        DeployError: when the gate refuses, the Toolkit fails or skips something, or a function does not become ready.
    """
    cdf = _log_in(env)
    _build(path, env, root, echo)
    _refuse(preflight(path, env, root=root))
    return _hand_in(cdf, path, env, dry_run=dry_run, root=root, echo=echo)


def deploy_built(path: Path, env: Mapping[str, str], *, root: Path = ROOT, echo: Echo = print) -> Deployment:
    """Deploy once more what a `deploy` of the same configuration has built and judged.

    Args:
        path: the configuration file.
        env: environment variables, as for `deploy`.
        root: the repository.
        echo: gets the Toolkit's output, line by line.

    Raises:
        DeployError: when the Toolkit fails or skips something, or a function does not become ready.
    """
    return _hand_in(_log_in(env), path, env, dry_run=False, root=root, echo=echo)


def _log_in(env: Mapping[str, str]) -> CogniteClient:
    try:
        cdf = client.from_environment(env)
    except client.LoginError as error:
        raise DeployError(str(error)) from error
    _reach(cdf.config.base_url)
    return cdf


def _hand_in(
    cdf: CogniteClient, path: Path, env: Mapping[str, str], *, dry_run: bool, root: Path, echo: Echo
) -> Deployment:
    """Run `cdf deploy` on what lies in build/."""
    arguments = ["deploy", "--cdf-project", config.load(path).project, *(["--dry-run"] if dry_run else [])]
    output = _toolkit(arguments, env, root, echo)
    counts = _counts(output)
    if skipped := counts["skipped"]:
        raise DeployError(f"cdf deploy skipped {skipped} resources: `cdf deploy --verbose` lists them with the reason")
    if dry_run:
        # In the summary's last column, "Able to deploy"; it says Unknown where the data set is yet to come.
        if re.search(r"\d +No\b", output):
            raise DeployError(
                "cdf deploy: the login lacks access to what says No above: give it the group plex_deployer"
            )
        return Deployment(counts)
    names = [resource.content["externalId"] for resource in built.read(root).of("function")]
    return Deployment(counts, _await_functions(cdf, names, echo))


def _build(path: Path, env: Mapping[str, str], root: Path, echo: Echo) -> str:
    try:
        stage(root)
        configuration = config.load(path)
    except (StagingError, config.ConfigError) as error:
        raise DeployError(str(error)) from error
    _refuse(variables.check(path.name, configuration.modules, root / STAGED / "modules"))
    return _toolkit(["build", "--config-yaml", str(path.resolve())], env, root, echo)


def _reach(url: str) -> None:
    """Refuses an address that nobody answers at; the Toolkit would try it for a quarter of an hour, in silence."""
    try:
        requests.get(url, timeout=REACH_SECONDS)
    except requests.RequestException as error:
        raise DeployError(
            f"nobody answers at {url} ({type(error).__name__}): check CDF_URL, or CDF_CLUSTER where it is not set"
        ) from error


def _refuse(findings: Iterable[str]) -> None:
    if text := "\n".join(findings):
        raise DeployError(text)


def _toolkit(arguments: list[str], env: Mapping[str, str], root: Path, echo: Echo) -> str:
    """Run `cdf` in the repository and hand on what it prints.

    A `.env` file there or one directory up would overrule the environment that the gate has judged, so another is
    named.
    """
    settings = root / STAGED / "cdf.env"
    settings.write_text("".join(f"{name}={value!r}\n" for name, value in NO_TELEMETRY.items()), encoding="utf-8")
    command = [os.fspath(Path(sys.executable).with_name("cdf")), "--env-path", os.fspath(settings), *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=root,
        env={**env, **NO_TELEMETRY, "COLUMNS": "140", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,  # it asks questions of a terminal
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                echo(line.rstrip("\n"))
        except BaseException:
            # Else leaving the block would wait for it: an interrupted deploy must not go on in the background.
            process.kill()
            raise
    if process.returncode:
        raise DeployError(f"cdf {arguments[0]} ended with exit status {process.returncode}; its output above says why")
    return "".join(lines)


def _counts(output: str) -> dict[str, int]:
    """The totals in the Toolkit's summary, whose last row counts all resources."""
    match = re.search(r"^\W*All\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+\d+\b", output, re.MULTILINE)
    if match is None:
        raise DeployError("cdf deploy printed no summary that this command can read, so what it did is unknown")
    names = ("created", "updated", "deleted", "unchanged", "skipped")
    return dict(zip(names, map(int, match.groups()), strict=True))


def _await_functions(cdf: CogniteClient, names: list[str], echo: Echo) -> dict[str, str]:
    """Wait until CDF has built the functions: the Toolkit ends as soon as it has handed in their code."""
    deadline = time.monotonic() + READY_SECONDS
    pause = POLL_SECONDS / 16
    while True:
        try:
            functions = cdf.functions.retrieve_multiple(external_ids=names)
        except CogniteAPIError as error:
            raise DeployError(f"the functions cannot be read after the deploy: {error.message}") from error
        statuses = {str(function.external_id): str(function.status) for function in functions}
        failed = {str(function.external_id): function.error for function in functions if function.status == "Failed"}
        if failed:
            raise DeployError("\n".join(f"CDF could not build function {name}: {why}" for name, why in failed.items()))
        if set(names) <= statuses.keys() and set(statuses.values()) <= {"Ready"}:
            echo(f"functions ready: {', '.join(sorted(statuses))}")
            return statuses
        if time.monotonic() > deadline:
            raise DeployError(
                f"functions are not ready after {READY_SECONDS // 60} minutes: {statuses}; look at them in CDF"
            )
        time.sleep(pause)
        pause = min(2 * pause, POLL_SECONDS)


def main(arguments: list[str]) -> int:
    """Build or deploy this repository with the variables of this environment."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("build", "deploy"):
        command = commands.add_parser(name)
        command.add_argument("config", type=Path, help="such as config.dev.yaml")
        if name == "deploy":
            command.add_argument("--dry-run", action="store_true", help="only say what would change")
    options = parser.parse_args(arguments)
    try:
        if options.command == "build":
            build(options.config, os.environ, root=ROOT)
            print(f"built {options.config} and found nothing against it")
        else:
            result = deploy(options.config, os.environ, dry_run=options.dry_run, root=ROOT)
            counted = ", ".join(f"{number} {what}" for what, number in result.counts.items() if number)
            print(f"{options.command}{' (dry run)' if options.dry_run else ''}: {counted}")
            if not result.changed:
                print("nothing changed")
    except DeployError as error:
        for line in str(error).splitlines():
            print(f"{options.command}: {line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
