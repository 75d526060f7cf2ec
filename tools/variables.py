"""What the Toolkit would do to a variable: it pastes values into YAML as text, and its messages do not name them.

Judged before `cdf build`, so that a message names the variable, its value and what is accepted.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
LONGEST = {
    # The longest name that it begins is that of a data set, `… master data`, of which CDF takes 50.
    "facilityName": 38,
    "owner": 128,
    "contactEmail": 254,
}
"""Characters."""
TIMES = ("dayStart", "fullReadAt")
"""Times of day."""


class Scope(NamedTuple):
    """The variables that hold in one module, or in one of the copies of a module.

    Attributes:
        label: Names the copy in messages.
        folder: The module, below the directory of modules.
        own: Those that it sets itself.
        values: All, by name.
    """

    label: str
    folder: str
    own: Mapping[str, object]
    values: Mapping[str, object]


def check(name: str, content: Mapping[str, object], modules: Path) -> Iterator[str]:
    """What is wrong with the values of a configuration, one message each.

    Args:
        name: The file's.
        content: Its `variables.modules`.
        modules: The directory of modules.
    """
    seen: set[tuple[str, str]] = set()
    for scope in _scopes(content):
        if not (modules / scope.folder).is_dir():
            yield f"{name}: {scope.folder} holds further keys, but no module has that name"
            continue
        for variable, value in scope.values.items():
            problem = _wrong(variable, value) or _misread(variable, value, modules / scope.folder)
            where = scope.label if variable in scope.own else ""
            if problem and (variable, where) not in seen:
                seen.add((variable, where))
                yield f"{name}: {variable} is {_shown(value)}{where}: {problem}"


def _scopes(content: Mapping[str, object]) -> Iterator[Scope]:
    """A value of a module, or of a copy of it, stands before one of all modules."""
    shared = {key: value for key, value in content.items() if not _is_module(value)}
    for folder, own in content.items():
        if isinstance(own, dict):
            yield Scope("", folder, own, shared | own)
        elif isinstance(own, list) and _is_module(own):
            for copy in own:
                yield Scope(f" (pcn {copy.get('pcn')})", folder, copy, shared | copy)
    yield Scope("", "", {}, shared)


def _is_module(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _wrong(variable: str, value: object) -> str | None:
    """What the Toolkit does not take, or what CDF or the extractors would take for something else."""
    if value is None:
        return "give it a value; an empty text is written as ''"
    items = value if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, str | int | float):
            what = type(item).__name__
            return (
                f"the Toolkit takes texts, numbers, true and false, and lists of them, no {what}; is a quote missing?"
            )
        if isinstance(item, str) and (VARIABLE.search(item) or "\\" in item):
            return "leave out backslashes and {{ }}, which the Toolkit takes for instructions"
        if isinstance(value, list) and isinstance(item, bool):
            return 'YAML reads On, Off, Yes and No as true or false; write them in quotes, such as "Off"'
    if variable in TIMES and not (isinstance(value, str) and TIME.fullmatch(value)):
        return 'a time of day is written in quotes, such as "06:00"; YAML takes 6:00 without them for the number 360'
    longest = LONGEST.get(variable)
    if longest and len(str(value)) > longest:
        return f"at most {longest} characters are accepted, these are {len(str(value))}"
    return None


def _misread(variable: str, value: object, module: Path) -> str | None:
    """Whether YAML reads something else than the value where the Toolkit has pasted it in."""
    for file in sorted(module.rglob("*.y*ml")):
        text = file.read_text(encoding="utf-8")
        if variable not in VARIABLE.findall(text):
            continue
        if not _reads_as(text, variable, value):
            return (
                f"YAML would read something else where it is pasted into {file.name}; leave out double quotes, "
                "line breaks and a colon at the end, and do not make a name of digits alone"
            )
    return None


def _reads_as(text: str, variable: str, value: object) -> bool:
    """Whether a template with the value pasted in reads like the template with the value put in afterwards."""
    template = VARIABLE.sub(lambda match: f"__{match[1]}__", text)
    mark, pasted = f"__{variable}__", _pasted(value)
    # As the Toolkit does it: a text that YAML takes for a number gets quotes, which take the place of others.
    marks = mark if pasted == str(value) else f"'{mark}'|\"{mark}\"|{mark}"
    try:
        return _same(yaml.safe_load(template), yaml.safe_load(re.sub(marks, lambda _: pasted, template)), mark, value)
    except (yaml.YAMLError, ValueError):
        return False


def _pasted(value: object) -> str:
    if isinstance(value, str) and (value.isdigit() or value.endswith(":")):
        return f'"{value}"'
    return str(value)


def _same(template: object, found: object, mark: str, value: object) -> bool:
    if isinstance(template, dict):
        return (
            isinstance(found, dict)
            and len(found) == len(template)
            and all(
                _same(*pair, mark, value)
                for left, right in zip(template.items(), found.items(), strict=True)
                for pair in zip(left, right, strict=True)
            )
        )
    if isinstance(template, list):
        return (
            isinstance(found, list)
            and len(found) == len(template)
            and all(_same(left, right, mark, value) for left, right in zip(template, found, strict=True))
        )
    if not isinstance(template, str) or mark not in template:
        return template == found
    if template == mark and found == value:
        return True
    return not isinstance(value, list) and found == template.replace(mark, str(value))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
