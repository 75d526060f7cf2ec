"""The gate before a deploy: `python -m tools.preflight config.dev.yaml`.

The Toolkit deploys what it is given. Here is refused what would deploy without complaint and fail, or do harm, after
it.
All findings are printed at once, each with the setting, its value and how to mend it; no secret value is ever printed.
"""

import hashlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import yaml
from croniter import croniter

from tools import built, bundle, config, keys, pipelines, variables
from tools.built import Build, Resource
from tools.config import Config
from tools.stage import ROOT, STAGED

TOOLKIT = "cognite-toolkit"
PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
SECRET_NAME = re.compile(r"[a-z0-9-]{1,15}")
RUNTIMES = ("py311", "py312", "py313", "py314")
"""What CDF offers and the code needs (3.11 or newer); py314 is not on every cluster."""
MAX_ASSETS = 1000
"""Assets are sent in lots of this size in the order of file names, so a child could come before its parent."""

Check = Callable[[Config, Build], Iterator[str]]


def preflight(path: Path, env: Mapping[str, str], *, root: Path = ROOT, environment: bool = True) -> list[str]:
    """Everything that speaks against deploying what `cdf build` made from a configuration.

    Args:
        path: the configuration file.
        env: environment variables of the deploy.
        root: the repository.
        environment: whether to judge the variables too, not just what was built.

    Returns:
        One message per finding; none when it may be deployed.
    """
    findings = list(_check_toolkit(root))
    try:
        configuration = config.load(path)
        build = built.read(root)
    except config.ConfigError as error:
        return [*findings, str(error)]
    except FileNotFoundError:
        return [*findings, f"nothing is built: run `make build CONFIG={path.name}` first"]
    for check in CHECKS:
        findings += check(configuration, build)
    findings += _check_project(configuration, env, required=environment)
    if environment:
        findings += _check_placeholders(build, env)
        findings += _check_keys(configuration, build, env)
    return findings


def _check_toolkit(root: Path) -> Iterator[str]:
    settings = tomllib.loads((root / "cdf.toml").read_text(encoding="utf-8"))
    wanted, installed = settings.get("modules", {}).get("version"), metadata.version(TOOLKIT)
    if wanted != installed:
        yield (
            f"cdf.toml: modules.version is {wanted}, installed is {TOOLKIT} {installed}: install requirements.lock, or "
            "change both together"
        )
    if settings.get("rules", {}).get("enforce") is not True:
        yield "cdf.toml: rules.enforce must be true, or `cdf build` ends with exit status 0 whatever it finds"


def _check_modules(configuration: Config, build: Build) -> Iterator[str]:
    name = configuration.path.name
    if build.modules == 0:
        yield f"{name}: environment.selected selects no module; use `- modules/`"
        return
    content = configuration.path.read_bytes().replace(b"\r\n", b"\n")
    if build.config_hash != hashlib.sha256(content).hexdigest()[:8]:
        yield f"build/ was not made from {name} as it is now: run `make build CONFIG={name}`"


def _check_insights(_: Config, build: Build) -> Iterator[str]:
    for row in build.insights:
        where = f"{row['insight_type']} {row['code']} in {row['source_file']}"
        yield f"cdf build: {where}: {row['message']} {row['fix']}".strip()


def _check_variables(configuration: Config, build: Build) -> Iterator[str]:
    """A misspelt variable is silently ignored by the Toolkit, and the default stays in force."""
    files = (build.root / STAGED / "modules").rglob("*.*")
    texts = [file.read_text(encoding="utf-8") for file in files if file.suffix in {".yaml", ".yml", ".md"}]
    used = {name for text in texts for name in variables.VARIABLE.findall(text)}
    for name in sorted(configuration.variables - used):
        yield f"{configuration.path.name}: no module uses the variable {name}; correct its name or delete it"


def _check_bundles(_: Config, build: Build) -> Iterator[str]:
    def problems(function: Resource) -> list[str]:
        file = (build.root / function.file).with_name(function.file.name.removesuffix(".Function.yaml") + ".zip")
        name, path = function.content["externalId"], function.content.get("functionPath") or "handler.py"
        return list(bundle.check(name, file, path, pipelines.configs_of(name, build), build.root))

    # Each spends its time in a process of its own.
    with ThreadPoolExecutor() as pool:
        for found in pool.map(problems, build.of("function")):
            yield from found


def _check_runtimes(_: Config, build: Build) -> Iterator[str]:
    for function in build.of("function"):
        runtime = function.content.get("runtime")
        if runtime not in RUNTIMES:
            yield (
                f"function {function.content['externalId']}: runtime is {runtime}, which cannot run it; "
                f"set runtime to one of {', '.join(RUNTIMES)}"
            )


def _check_secret_names(_: Config, build: Build) -> Iterator[str]:
    for function in build.of("function"):
        name = function.content["externalId"]
        secrets = function.content.get("secrets") or {}
        for secret, value in secrets.items():
            if not SECRET_NAME.fullmatch(secret):
                yield f"function {name}: secret {secret!r}: CDF accepts at most 15 characters of a-z, 0-9 and -"
            if not PLACEHOLDER.fullmatch(str(value)):
                yield f"function {name}: secret {secret!r} is written out; use a ${{VARIABLE}} of the environment"


def _check_schedules(_: Config, build: Build) -> Iterator[str]:
    functions = {function.content["externalId"] for function in build.of("function")}
    deployed = {pipeline.content["externalId"] for pipeline in build.of("extractionpipeline")}
    for schedule in build.of("schedule"):
        content, name = schedule.content, f"schedule {schedule.content.get('name')!r} in {schedule.file.name}"
        cron = content.get("cronExpression")
        if not isinstance(cron, str) or len(cron.split()) != 5 or not croniter.is_valid(cron):
            yield f"{name}: cronExpression is {cron!r}; CDF takes five fields, such as '7 * * * *'"
        if content.get("functionExternalId") not in functions:
            known = ", ".join(sorted(functions)) or "none"
            yield f"{name}: functionExternalId is {content.get('functionExternalId')!r}; the functions are: {known}"
        pipeline = (content.get("data") or {}).get("pipeline")
        if pipeline not in deployed:
            yield f"{name}: data.pipeline is {pipeline!r}, which no module deploys"
        elif pipelines.function_of(str(pipeline)) != content.get("functionExternalId"):
            yield f"{name}: data.pipeline is {pipeline!r}, which {content.get('functionExternalId')} does not run"
        given = content.get("authentication") or {}
        for field in ("clientId", "clientSecret"):
            if not given.get(field):
                yield f"{name}: authentication.{field} is missing; it would run as whoever deploys, name the facility's"
            elif not PLACEHOLDER.fullmatch(str(given[field])):
                yield f"{name}: authentication.{field} is written out; use a ${{VARIABLE}} of the environment"


def _check_alerts(_: Config, build: Build) -> Iterator[str]:
    yield from pipelines.check_alerts(build)


def _check_assets(_: Config, build: Build) -> Iterator[str]:
    assets = {asset.content["externalId"]: asset for asset in build.of("asset")}
    if len(assets) >= MAX_ASSETS:
        yield f"{len(assets)} assets would be deployed; below {MAX_ASSETS} is safe, leave the rest to the extractors"
    for name, asset in assets.items():
        parent = asset.content.get("parentExternalId")
        if parent is not None and parent not in assets:
            yield f"asset {name} in {asset.file.name}: parentExternalId is {parent!r}, which no module deploys"


CHECKS: tuple[Check, ...] = (
    _check_modules,
    _check_insights,
    _check_variables,
    _check_bundles,
    _check_runtimes,
    _check_secret_names,
    _check_schedules,
    _check_alerts,
    _check_assets,
)


def _check_project(configuration: Config, env: Mapping[str, str], *, required: bool) -> Iterator[str]:
    project = env.get("CDF_PROJECT")
    if (project or required) and project != configuration.project:
        yield (
            f"CDF_PROJECT is {project!r}, but {configuration.path.name} is for environment.project "
            f"{configuration.project!r}: log in to that project, or use the other configuration"
        )


def _check_placeholders(build: Build, env: Mapping[str, str]) -> Iterator[str]:
    """The Toolkit sends an unset `${VARIABLE}` as it is, and pastes a set one into the YAML as text."""
    unset: dict[str, list[str]] = {}
    for resource in build.resources:
        if resource.kind == "config":  # the extractor's own text; nothing is filled in there
            continue
        names = sorted(set(PLACEHOLDER.findall(resource.text)))
        for name in names:
            if not env.get(name):
                unset.setdefault(name, []).append(resource.file.name)
        if all(env.get(name) for name in names):
            for name in _mangled(resource, {name: env[name] for name in names}):
                yield (
                    f"{name} would read differently once pasted into {resource.file.name}: use one line of letters, "
                    "digits, - and _, not digits alone"
                )
    for name, files in sorted(unset.items()):
        where = ", ".join(files)
        yield f"{name} is unset or empty; {where} would deploy '${{{name}}}': export it (no .env file is read)"


def _mangled(resource: Resource, values: Mapping[str, str]) -> Iterator[str]:
    """Variables whose value reads differently once it is pasted into the YAML."""
    for name, value in values.items():
        try:
            pasted = yaml.safe_load(resource.text.replace(f"${{{name}}}", value))
        except yaml.YAMLError:
            pasted = None
        # Filled in after parsing, the value is what it should be.
        if "\n" in value or pasted != _filled(resource.content, f"${{{name}}}", value):
            yield name


def _filled(content: object, placeholder: str, value: str) -> object:
    if isinstance(content, dict):
        return {key: _filled(item, placeholder, value) for key, item in content.items()}
    if isinstance(content, list):
        return [_filled(item, placeholder, value) for item in content]
    return content.replace(placeholder, value) if isinstance(content, str) else content


def _check_keys(configuration: Config, build: Build, env: Mapping[str, str]) -> Iterator[str]:
    value, mend = env.get("PLEX_KEYS"), "make it with `make keys FILE=keys.json`"
    if not value:
        return  # reported as unset, where it is used
    try:
        known = keys.decode(value)
    except keys.KeysError as error:
        yield f"PLEX_KEYS: {error}: {mend}"
        return
    for pcn in configuration.pcns:
        if str(pcn) not in known and keys.DEFAULT not in known:
            yield f'PLEX_KEYS has no entry "{pcn}" for the facility with that pcn, nor a "{keys.DEFAULT}": {mend}'
    yield from pipelines.check_pace(build, known)


def main(arguments: list[str]) -> int:
    """Judge what lies in build/ with the variables of this environment."""
    if len(arguments) != 1:
        print("usage: python -m tools.preflight config.dev.yaml", file=sys.stderr)
        return 2
    findings = preflight(Path(arguments[0]), os.environ, root=ROOT)
    for finding in findings:
        print(f"preflight: {finding}", file=sys.stderr)
    if not findings:
        print(f"preflight: {arguments[0]} may be deployed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
