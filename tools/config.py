"""A `config.<env>.yaml` of the Toolkit, as far as the tools need it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools import yaml_text

FACILITY_MODULE = "facility"


class ConfigError(Exception):
    """The file cannot be used; the message names the setting and what is accepted."""


@dataclass(frozen=True)
class Config:
    """What the gate compares the build, the environment and the keys with.

    Attributes:
        path: the file.
        project: the CDF project that it is meant for.
        pcns: the facilities' Plexus Customer Numbers, in the order of the file.
        variables: names of all variables that it sets, at any depth.
        modules: its `variables.modules`, as written.
    """

    path: Path
    project: str
    pcns: tuple[int, ...]
    variables: frozenset[str]
    modules: Mapping[str, object]


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: when it is not there, not YAML, or lacks the project or the facilities.
    """
    try:
        content = yaml_text.read(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}") from error
    project, variables = _at(content, "environment", "project"), _at(content, "variables")
    if not isinstance(project, str) or not project:
        raise ConfigError(f"{path.name}: environment.project is {project!r}; it must name the CDF project")
    modules = _at(variables, "modules")
    facilities = _at(modules, FACILITY_MODULE)
    if (
        not isinstance(variables, dict)
        or not isinstance(modules, dict)
        or not isinstance(facilities, list)
        or not facilities
    ):
        raise ConfigError(f"{path.name}: variables.modules.{FACILITY_MODULE} must list one facility or more")
    pcns: list[int] = []
    tenants: list[str] = []
    for facility in facilities:
        pcn = _at(facility, "pcn")
        # The Toolkit puts quotes around a string of digits wherever it pastes it, even inside plex_{{ pcn }}_master.
        if not isinstance(pcn, int) or pcn <= 0:
            raise ConfigError(f"{path.name}: pcn is {pcn!r}; it must be a positive number without quotes")
        if pcn in pcns:
            raise ConfigError(f"{path.name}: pcn {pcn} is there more than once; every facility has its own")
        pcns.append(pcn)
        tenant = str(_at(facility, "tenantId")).lower()
        if tenant in tenants:
            # With a key that reaches both, the one would be filled with what the other's tenant holds.
            raise ConfigError(f"{path.name}: tenantId {tenant} is there more than once; every facility has its own")
        tenants.append(tenant)
    return Config(path, project, tuple(pcns), frozenset(_names(variables)), modules)


def _at(content: object, *keys: str) -> object:
    for key in keys:
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def _names(variables: Mapping[str, object]) -> Iterator[str]:
    """Names of variables: keys that hold a value, not further keys."""
    for key, value in variables.items():
        if isinstance(value, Mapping):
            yield from _names(value)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for item in value:
                yield from _names(item)
        else:
            yield str(key)
