"""The demo, step by step."""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.demo import deploying, promises, terminal
from sandbox.demo.calls import Call
from sandbox.demo.content import Content
from sandbox.demo.counting import summed
from sandbox.demo.factory import Factory
from sandbox.demo.hierarchy import build_tree
from sandbox.demo.passes import Desk, Pass, run_schedules, total_calls
from sandbox.demo.plants import demo_plants
from sandbox.demo.promises import Promise
from sandbox.demo.reading import Cdf, Plex
from sandbox.demo.report import FIGURES, Picture, Shown, render
from sandbox.demo.tenant import read_tenant
from sandbox.demo.terminal import say, show
from sandbox.demo.writes import count_writes
from sandbox.plex import Clock, Plant
from sandbox.up import ADMINISTRATOR, FOLDER, PROJECT, StandIns, data_source_user

FIRST_INSTANT = 0.6
"""How much of the plants' time has passed at pass 1: enough for closed jobs, open ones, and some still to come."""


@dataclass
class Findings:
    """What the demo finds out on its way."""

    factories: list[Factory]
    passes: list[Pass] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    content: Content = field(default_factory=Content)

    @property
    def calls(self) -> list[Call]:
        """The calls of all passes."""
        return total_calls(self.passes)

    @property
    def counts(self) -> dict[str, int | float]:
        """How many of each kind CDF holds, of all facilities together."""
        return summed(factory.counts for factory in self.factories)

    def as_json(self) -> dict[str, Any]:
        """The JSON file: counted from what CDF holds and recorded, but for the calls' own figures."""
        first, second, third = self.passes
        rows, changed = (sum(getattr(factory, name) for factory in self.factories) for name in ("rows", "changed"))
        return {
            "counts": self.counts,
            "facilities": [
                {"pcn": factory.plant.pcn, "name": factory.name, "counts": factory.counts} for factory in self.factories
            ],
            "firstPass": {"writes": acknowledged_writes(first)},
            "secondPass": {"writes": count_writes(second.writes)},
            "thirdPass": {
                "writes": acknowledged_writes(third),
                "rows": rows,
                "changedRows": changed,
                "changedShare": round(changed / rows, 4) if rows else 0.0,
            },
            "promises": [{"name": one.name, "held": one.held, "detail": one.detail} for one in self.promises],
            "calls": [call.as_json() for call in self.calls],
        }


def demo(*, plant: Plant | None, json_file: Path | None, report: Path, keep: bool) -> int:
    """Do the whole job and report.

    Args:
        plant: The plant of a log; None generates two.
        json_file: Where the figures go, None for nowhere.
        report: Where the picture goes.
        keep: Whether to leave the stand-ins running at the end, until Ctrl-C.

    Returns:
        The exit code: 0 when every promise held.
    """
    plants = [plant] if plant else demo_plants()
    source = deploying.read_config(plants)
    begin, end = instants(plants)
    FOLDER.mkdir(exist_ok=True)
    everybody = deploying.memberships(source)
    with StandIns(plants, clock=Clock(begin), cron=False, memberships=everybody) as stand_ins:
        say(f"Plex at {stand_ins.plex_url}, CDF at {stand_ins.cdf_url}")
        names = deploying.facilities(source)
        findings = Findings([Factory(names[each.pcn], each) for each in plants])
        config = deploying.demo_config(source, stand_ins.plex_url, plants)
        with contextlib.ExitStack() as stack:
            cdf = stack.enter_context(reader(stand_ins))
            desks = [
                Desk(stack.enter_context(reader(stand_ins)), stack.enter_context(reader_of_plex(stand_ins, each)))
                for each in plants
            ]
            try:
                _deploy_twice(findings, stand_ins, cdf, config)
                _run_passes(findings, cdf, desks, end)
            except deploying.DeployError as error:
                say(f"The demo ends early: {error}")
                return 1
        code = conclude(findings, json_file, report)
        if keep:
            say(f"Both keep running until Ctrl-C:\n{json.dumps(stand_ins.describe())}")
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
    return code


def instants(plants: Sequence[Plant]) -> tuple[datetime, datetime]:
    """The plants' time at the first and at the last pass: well inside their history, and after its end."""
    begins, ends = min(plant.begins for plant in plants), max(plant.ends for plant in plants)
    begin = begins + (ends - begins) * FIRST_INSTANT
    return begin.replace(second=0, microsecond=0), ends + timedelta(minutes=1)


def reader(stand_ins: StandIns) -> Cdf:
    """A client of CDF beside the product's own, for looking."""
    secret = stand_ins.credentials.clients[ADMINISTRATOR]
    return Cdf(stand_ins.cdf_url, PROJECT, stand_ins.token_url, ADMINISTRATOR, secret)


def reader_of_plex(stand_ins: StandIns, plant: Plant) -> Plex:
    """A client of one plant's Plex, beside the product's own."""
    credentials, user = stand_ins.credentials, data_source_user(plant.pcn)
    return Plex(stand_ins.plex_url, credentials.plex_key, plant.pcn, (user, credentials.accounts[user]))


def _deploy_twice(findings: Findings, stand_ins: StandIns, cdf: Cdf, config: deploying.Config) -> None:
    with tempfile.TemporaryDirectory(prefix="demo-", dir=FOLDER) as folder:
        file = deploying.workspace(Path(folder), config)
        variables = deploying.environment(stand_ins)
        deploying.admit_deployer(cdf, config)
        say("Staging, building and deploying with the cdf command line; the first time the functions' Python")
        say("environment is built too, which takes a minute …")
        _say_counts(deploying.deploy(file, variables))
        cdf.take_requests()
        say("Deploying what was built once more …")
        _say_counts(deploying.deploy_again(file, variables))
        differences = deploying.differences(cdf.take_requests())
        findings.promises.append(promises.second_deploy_unchanged(differences))


def _say_counts(counts: dict[str, int]) -> None:
    say("  " + (", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"))


def _run_passes(findings: Findings, cdf: Cdf, desks: Sequence[Desk], end: datetime) -> None:
    factories = findings.factories
    _run_pass(findings, desks, "the plants as they are")
    before = read_content(cdf, factories)
    for factory, desk in zip(factories, desks, strict=True):
        factory.before = read_tenant(desk.plex)
    findings.promises.append(
        promises.together({one.name: one.check_first(before.facility(one.plant.pcn)) for one in factories})
    )
    second = _run_pass(findings, desks, "nothing has changed")
    desks[0].plex.set_clock(end.isoformat())
    third = _run_pass(findings, desks, f"the plants' clock moved on to {end:%Y-%m-%d %H:%M}")
    say("Comparing CDF with what Plex answers to a plain reader …")
    findings.content = after = read_content(cdf, factories)
    for factory, desk in zip(factories, desks, strict=True):
        factory.after, factory.content = read_tenant(desk.plex), after.facility(factory.plant.pcn)
    checks = {factory.name: factory.check_last() for factory in factories}
    findings.promises += [
        promises.nothing_written(second.calls),
        promises.cheap_when_unchanged(second.calls),
        promises.only_changes_written(third.calls, before, after),
        *(promises.together(dict(zip(checks, same, strict=True))) for same in zip(*checks.values(), strict=True)),
        promises.kept_apart(after, cdf.data_sets(), findings.calls),
        promises.calls_succeeded(findings.calls),
    ]


def read_content(cdf: Cdf, factories: Sequence[Factory]) -> Content:
    """All that CDF holds now."""
    return Content.read(cdf, *(factory.plant.pcn for factory in factories))


def _run_pass(findings: Findings, desks: Sequence[Desk], what: str) -> Pass:
    number = len(findings.passes) + 1
    say(f"Pass {number}: {what} …")
    result = run_schedules(desks, number, lambda call: say(f"  {terminal.call_line(call)}"))
    findings.passes.append(result)
    return result


def conclude(findings: Findings, json_file: Path | None, report: Path) -> int:
    """Show what was found, write the files, and judge: the exit code."""
    show(terminal.call_table(findings.calls))
    show([line for root in build_tree(findings.content.assets) for line in terminal.tree_lines(root)])
    show(["In CDF: " + ", ".join(f"{count:,} {FIGURES[name]}" for name, count in findings.counts.items())])
    show(terminal.promise_lines(findings.promises))
    if json_file:
        json_file.write_text(json.dumps(findings.as_json(), indent=2) + "\n", encoding="utf-8")
        say(f"Figures: {json_file}")
    shown = [Shown(each.name, each.title, each.content, each.counts) for each in findings.factories]
    picture = Picture(shown, findings.calls, findings.promises)
    report.write_text(render(picture), encoding="utf-8")
    say(f"Report: {report}")
    broken = [promise.name for promise in findings.promises if not promise.held]
    if broken:
        say(f"Broken: {'; '.join(broken)}")
    return 1 if broken else 0


def acknowledged_writes(one: Pass) -> dict[str, int]:
    """Items in the write requests of a pass that CDF accepted."""
    return count_writes(write for write in one.writes if write.is_accepted)
