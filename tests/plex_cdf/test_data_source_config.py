"""What a plant may write about its data sources, and what is said of mistakes."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml
from data_source_streams import (
    BASE,
    INSPECTIONS,
    PROBLEM_LOGS,
    Quality,
    entry,
    mapped,
    read,
    settings,
    stream,
)
from data_source_world import CHECKSHEETS, DAILY, PASSWORD, PROBLEMS, SPC, USER, World, world
from fake_time import FakeTime
from plex_cdf.config import DataSourceSettings, read_settings
from plex_cdf.credentials import PlexKey
from plex_cdf.data_source.config import fill
from plex_cdf.data_source.defaults import default_data_sources
from plex_cdf.data_source.stream import streams
from plex_cdf.errors import ConfigurationError
from plex_cdf.plex.data_source import DataSources, connect
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.resources import Event
from plex_cdf.retry import Retry


@pytest.fixture(scope="module")
def plex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("plant")) as running:
        yield running


def test_the_documented_sources_are_there_and_off() -> None:
    assert [(each.id, each.enabled) for each in default_data_sources()] == [
        (CHECKSHEETS, False), (SPC, False), (PROBLEMS, False), (DAILY, False)
    ]  # fmt: skip
    assert [each.id for each in default_data_sources(DAILY)] == [DAILY]
    assert streams(Quality.model_validate(BASE), "quality") == ()
    assert settings().data_sources == ()


def test_a_default_is_switched_on_by_what_it_lacks(plex: World) -> None:
    assert settings({"name": "daily_performance", "enabled": True}).data_sources[0].begin_input == "Start_Date"
    with pytest.raises(ConfigurationError, match="19938 is enabled, but lacks beginInput, endInput, instant"):
        settings({"name": "problem_logs", "enabled": True})
    with pytest.raises(ConfigurationError, match=r"5019 is enabled.*event or measurements; .*/api/datasources/5019"):
        settings({"name": "inspection_history", "enabled": True})
    short = {"name": "checksheets", "enabled": True, "instant": "Inspection_Date", "key": ["Checksheet_No"]}
    declared = stream({**short, "event": {"description": "{Part_No}"}})
    (event,) = mapped(declared, read(declared, plex)[0])
    assert isinstance(event, Event)
    assert (event.type, event.description) == ("inspection", "Shaft")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"idd": 5},
            "key dataSources.0.idd does not exist (accepted here: beginInput, columns, dailyAt, dates, enabled",
        ),
        ({"event": {"typ": "x"}}, "key dataSources.0.event.typ does not exist (accepted here: description, end, links"),
        ({"id": None}, "dataSources.0.id is None"),
        ({"name": "My Sheets"}, "dataSources.0.name is 'My Sheets'"),
        ({"enabled": "yes"}, "dataSources.0.enabled is 'yes'"),
        ({"dailyAt": "06:00"}, "instant and dailyAt exclude each other"),
        ({"dailyAt": 750, "instant": None}, "dataSources.0.dailyAt is 750: a time of day is written in quotes"),
        ({"timeZone": "Detroit"}, "dataSources.0.timeZone is 'Detroit': not an IANA time zone"),
        ({"inputs": {"Date_End": "x"}}, "inputs holds Date_End, which takes the window"),
        ({"key": []}, "lacks key"),
        ({"event": {"type": "x", "subtype": {"Mode": None}}}, 'written in quotes, such as "{Problem_No}"'),
        ({"event": {"type": "x", "subtype": "{Mode"}}, "braces hold the name of one column"),
        (
            {"event": {"type": "x", "links": [{"kind": "Part", "column": "A"}]}},
            "dataSources.0.event.links.0.kind is 'Part'",
        ),
        ({"measurements": [{"value": "A", "series": ["B"], "name": "n"}] * 2}, "the same value and series"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(entry(INSPECTIONS, **changes))
    assert words in str(caught.value)
    assert "the config of extraction pipeline plex_340884_quality" in str(caught.value)


def test_streams_need_names_of_their_own() -> None:
    with pytest.raises(ConfigurationError, match="every data source needs a name of its own"):
        settings(PROBLEM_LOGS, entry(PROBLEM_LOGS, name="problemlogs"))
    with pytest.raises(ConfigurationError, match="dataSources is 'x'"):
        read_settings(Quality, "p", yaml.safe_dump({**BASE, "dataSources": "x"}))


def test_texts_of_columns() -> None:
    assert fill("{A}: {B}", {"A": "1"}) == "1: ?"
    assert fill("{A}: {B}", {}) is None
    assert fill("pcs", {}) == "pcs"
    assert fill(None, {"A": "1"}) is None


def _connected(**key: str) -> DataSources | None:
    time, settings = FakeTime(), DataSourceSettings(url="https://cloud.plex.example")
    with requests.Session() as session:
        limiter = RateLimiter(settings.calls_per_minute, time.deadline(), clock=time.clock, sleep=time.sleep)
        account = PlexKey.model_validate({"apiKey": "k", **key})
        return connect(settings, account, session=session, limiter=limiter, retry=Retry(time.deadline()), timeout=1)


def test_a_facility_may_have_no_account() -> None:
    assert _connected() is None
    assert _connected(dsUser=USER, dsPassword=PASSWORD) is not None


@pytest.mark.parametrize(
    "key",
    [{"dsUser": "u"}, {"dsPassword": "p"}, {"dsUser": "", "dsPassword": ""}, {"dsUser": "a:b", "dsPassword": "p"}],
)
def test_half_an_account_is_refused(key: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="dsUser and dsPassword of this PCN in PLEX_KEYS go together"):
        _connected(**key)
