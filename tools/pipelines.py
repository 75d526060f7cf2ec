"""What is checked of extraction pipelines, and of all of them together.

That an alert means something, and that the extractors do not ask Plex more often than it allows.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import yaml
from croniter import croniter

from tools import keys, yaml_text
from tools.built import Build, Resource

CALLS_PER_MINUTE = 200
"""What Plex allows an API key, over everything that uses it."""
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def function_of(pipeline: str) -> str | None:
    """The function that runs a pipeline: `plex_jobs` for `plex_340884_jobs`."""
    match = re.fullmatch(r"plex_\d+_(\w+)", pipeline)
    return f"plex_{match[1]}" if match else None


def configs_of(function: str, build: Build) -> dict[str, Resource]:
    """The configs that a function may be called with, by external id of the pipeline."""
    configs = {config.content["externalId"]: config for config in build.of("config")}
    return {pipeline: config for pipeline, config in configs.items() if function_of(pipeline) == function}


def check_alerts(build: Build) -> Iterator[str]:
    """A pipeline that may be unseen for less time than lies between two of its runs alerts its contact every time."""
    for pipeline in build.of("extractionpipeline"):
        cron = pipeline.content.get("schedule")
        allowed = (pipeline.content.get("notificationConfig") or {}).get("allowedNotSeenRangeInMinutes")
        if not isinstance(cron, str) or not croniter.is_valid(cron) or not isinstance(allowed, int):
            continue
        if gap := _gap(cron, timedelta(minutes=allowed)):
            yield (
                f"extraction pipeline {pipeline.content['externalId']}: its schedule {cron!r} lets {gap} pass between "
                f"two runs, but allowedNotSeenRangeInMinutes is {allowed}, so it would alert its contact every time: "
                f"raise it in {pipeline.source}"
            )


@cache
def _gap(cron: str, least: timedelta) -> timedelta | None:
    """The first time of at least that length that passes between two runs."""
    # All days are alike where none is named; else two months have all that there is, up to a run a month.
    end = BEGIN + timedelta(days=2 if cron.split()[2:] == ["*", "*", "*"] else 62)
    runs = croniter(cron, BEGIN)
    last = runs.get_next(datetime)
    while last < end:
        following = runs.get_next(datetime)
        if following - last >= least:
            gap: timedelta = following - last
            return gap
        last = following
    return None


def check_pace(build: Build, known: keys.Keys) -> Iterator[str]:
    """What extractors with one key may ask of Plex in a minute, where Plex itself is asked."""
    shares: dict[str, dict[str, int]] = {}
    for config in build.of("config"):
        content = _mapping(config.content.get("config"))
        plex, facility = content.get("plex"), content.get("facility")
        if not isinstance(plex, dict) or not isinstance(facility, dict):
            continue
        host, calls = urlsplit(str(plex.get("url"))).hostname or "", plex.get("callsPerMinute")
        entry: Mapping[str, str] = known.get(str(facility.get("pcn")), {})
        key = entry.get("apiKey") or known.get(keys.DEFAULT, {}).get("apiKey")
        if host.endswith("plex.com") and key and isinstance(calls, int):
            shares.setdefault(key, {})[config.content["externalId"]] = calls
    for pipelines in shares.values():
        if (together := sum(pipelines.values())) > CALLS_PER_MINUTE:
            each = ", ".join(f"{name} {calls}" for name, calls in sorted(pipelines.items()))
            yield (
                f"plex.callsPerMinute of the extraction pipelines with the same API key is {together} together, but "
                f"Plex allows a key {CALLS_PER_MINUTE} calls a minute: lower the variables …CallsPerMinute ({each})"
            )


def _mapping(text: object) -> dict[str, Any]:
    try:
        content = yaml_text.read(text) if isinstance(text, str) else text
    except (yaml.YAMLError, ValueError):
        content = None  # reported where the extractor's settings judge it
    return content if isinstance(content, dict) else {}
