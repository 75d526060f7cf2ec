"""A value that the Toolkit would mangle is refused by its name, and no other."""

import importlib
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tools import config, variables
from tools.stage import ROOT

Substitute = Callable[[str, dict[str, str | int]], str]
MODULES = ROOT / "cognite_modules"
NAME = "config.prod.yaml"
PASTED = "YAML would read something else where it is pasted into"
NASTY = st.text(st.sampled_from("aZ0 '\"#:{}[]&*!|>%@`,-?\\\t\n=~ü"), max_size=12)


@pytest.fixture(scope="module")
def substitute() -> Substitute:
    """The Toolkit's own pasting, which is nobody's API."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("cognite_toolkit._cdf_tk.commands.build_v2.data_classes")

    def paste(text: str, values: dict[str, str | int]) -> str:
        variable = module.BuildVariable
        pasted = [variable(id=Path(key), value=value, is_selected=True) for key, value in values.items()]
        return str(variable.substitute(text, pasted, ".yaml"))

    return paste


def judge(**changed: object) -> list[str]:
    """What is said of config.prod.yaml with other values, those of a facility in its first one."""
    content: dict[str, Any] = yaml.safe_load((ROOT / NAME).read_text(encoding="utf-8"))["variables"]["modules"]
    for name, value in changed.items():
        (content["facility"][0] if name in content["facility"][0] else content)[name] = value
    return list(variables.check(NAME, content, MODULES))


@pytest.mark.parametrize("name", ["config.dev.yaml", "config.prod.yaml"])
def test_the_configurations_are_as_they_should_be(name: str) -> None:
    configuration = config.load(ROOT / name)
    assert list(variables.check(name, configuration.modules, MODULES)) == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("facilityName", '4" drills', PASTED),
        ("facilityName", "Line\nbreak", PASTED),
        ("facilityName", "Plant:", PASTED),
        ("facilityName", "4711", PASTED),
        ("facilityName", "A" * 39, "at most 38 characters are accepted, these are 39"),
        ("facilityName", "{{ pcn }}", "leave out backslashes and {{ }}"),
        ("facilityName", "A\\B", "leave out backslashes and {{ }}"),
        ("facilityName", None, "give it a value"),
        ("startDate", date(2026, 1, 1), "no date; is a quote missing?"),
        ("dayStart", 360, 'written in quotes, such as "06:00"'),
        ("dayStart", "24:00", 'written in quotes, such as "06:00"'),
        ("fullReadAt", 750, 'written in quotes, such as "06:00"'),
        ("offStatuses", [False], 'write them in quotes, such as "Off"'),
        ("offStatuses", [[]], "no list; is a quote missing?"),
        ("jobsCallsPerMinute", "x: y", PASTED),
        ("closedJobs", "false", PASTED),
    ],
)
def test_what_would_be_mangled_is_refused_by_name(variable: str, value: object, words: str) -> None:
    (said,) = judge(**{variable: value})
    assert said.startswith(f"{NAME}: {variable} is {value!r}")
    assert words in said
    assert (" (pcn 340884): " in said) == (variable in {"facilityName", "startDate", "dayStart"})


def test_a_variable_that_has_keys_of_its_own_is_no_module() -> None:
    assert judge(openStatuses=[{"open": True}]) == [
        f"{NAME}: openStatuses holds further keys, but no module has that name"
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("facilityName", "St. John's: No. 1 # A"),
        ("facilityName", "Werk Süd & Co (7), 50%"),
        ("contactName", "Jo: Quality #1"),
        ("offStatuses", ["Operator's break", "Off", "No: job"]),
        ("openStatuses", []),
        ("jobsCron", "*/5 * * * *"),
        ("fullReadAt", "23:59:30"),
    ],
)
def test_what_stays_what_it_is_is_accepted(variable: str, value: object) -> None:
    assert judge(**{variable: value}) == []


@pytest.mark.parametrize(
    "template", ['a: "{{ name }}"', "a: '{{ name }}'", "a: {{ name }}", "a: x {{ name }}", 'a: "{{ name }} x"']
)
@given(name=NASTY)
def test_the_verdict_is_what_the_toolkit_and_yaml_make_of_it(substitute: Substitute, template: str, name: str) -> None:
    if variables._wrong("name", name):
        return  # where its pasting does more than that
    wanted = template.removeprefix("a: ").strip("'\"").replace("{{ name }}", name)
    try:
        kept = yaml.safe_load(substitute(template, {"name": name})) == {"a": wanted}
    except (yaml.YAMLError, ValueError):
        kept = False
    assert variables._reads_as(template, "name", name) == kept
