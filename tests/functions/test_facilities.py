"""Two facilities of one project whose plants share every key: neither touches the other, nor waits for it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench import KEY, PCN, Bench, Row, bench
from facilities import ORDER, OTHER, Down, Watch, held, in_zone, outcome, pair, told, twins
from plex_cdf.errors import ConfigurationError, DataError, PlexCdfError, PlexDownError

MIDDLE, END = "2024-03-02T10:00:00Z", "2024-03-05T10:30:00Z"
PARTS, JOBS = "/mdm/v1/parts", "/scheduling/v1/jobs"
MADE = "/production/v1/production-history/production-entries"
CONTAINERS = "/inventory/v1/inventory-tracking/containers"
ZONES = {PCN: "America/Detroit", OTHER: "Europe/Berlin"}
SOME = ("master_data", "jobs", "production")


def _all(facility: Bench, **payload: object) -> None:
    for extractor in ORDER:
        assert facility.run(extractor, **payload)["status"] == "success"


def _shrink(facility: Bench) -> None:
    """Most of what the plant had is gone, and the facility is told to believe it."""
    facility.rows(PARTS, remove=[row["id"] for row in facility.plex_rows(PARTS)])
    facility.rows(CONTAINERS, remove=[row["serialNo"] for row in facility.plex_rows(CONTAINERS)])
    entries = facility.plex_rows(f"{MADE}?beginDate=2024-02-01T00:00Z&endDate=2024-03-06T00:00Z")
    facility.rows(MADE, remove=[{"transactionDate": row["transactionDate"]} for row in entries])
    in_zone(facility, ZONES[facility.pcn], vanishLimit={"share": 1, "number": 10_000})


def test_each_holds_what_it_would_hold_alone_and_touches_nothing_of_the_other(tmp_path: Path) -> None:
    alone: dict[int, Row] = {}
    for plant in twins(tmp_path):
        with bench(tmp_path, plant) as facility:
            in_zone(facility, ZONES[plant.pcn])
            facility.at(MIDDLE)
            _all(facility)
            facility.at(END)
            _all(facility)
            _all(facility, mode="full")
            alone[plant.pcn] = told(facility)

    with pair(tmp_path) as (one, other):
        one.at(MIDDLE)
        for extractor in ORDER:
            for each in (one, other):
                assert each.run(extractor)["status"] == "success"
        one.at(END)
        for payload in ({}, {"mode": "full"}):
            for own, kept in ((one, other), (other, one)):
                before = held(kept)
                _all(own, **payload)
                assert held(kept) == before
        assert [told(each) for each in (one, other)] == [alone[PCN], alone[OTHER]]
        assert len({name.replace(str(PCN), str(OTHER)) for name in alone[PCN]} & alone[OTHER].keys()) > 200

        before = held(other)
        _shrink(one)
        _all(one, mode="full")
        assert sum("'plexState'" in str(row) for row in told(one).values()) > 10
        assert held(other) == before
        _all(other, mode="full")
        assert told(other) == alone[OTHER]


# What fails in one of them.


def _wrong_key(facility: Bench) -> None:
    facility.keys = {str(PCN): {"apiKey": "WrongKey"}}


def _down(facility: Bench) -> None:
    facility.outside = Watch().outside(Down)


def _lease_held(facility: Bench) -> None:
    source = {"type": "view", "space": "plex_functions", "externalId": "Lease", "version": "v1"}
    properties = {"holder": "somebody else", "expiresAt": "2999-01-01T00:00:00.000+00:00"}
    facility.post(
        "/models/instances",
        {
            "items": [
                {
                    "instanceType": "node",
                    "space": f"plex_{PCN}",
                    "externalId": f"{extractor}_incremental",
                    "sources": [{"source": source, "properties": properties}],
                }
                for extractor in SOME
            ]
        },
    )


def _full_quarantine(facility: Bench) -> None:
    in_zone(facility, ZONES[PCN], quarantineLimit={"share": 0, "number": 0})
    bad = [{"id": f"bad-{number}", "createdDate": "never", "quantity": "many"} for number in range(300)]
    facility.rows(JOBS, upsert=bad)
    facility.rows(PARTS, upsert=[{"id": str(number) * 300} for number in range(300)])
    early = "2024-03-01T09:00:00.0000000Z"
    facility.rows(MADE, upsert=[{"transactionDate": early, "quantity": "many", "serialNo": str(n)} for n in range(300)])


def _pass(facility: Bench) -> list[str]:
    return [outcome(facility.run(extractor)) for extractor in SOME]


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Row]:
    """How the second facility's calls end when nobody is beside it, and what it holds then."""
    folder = tmp_path_factory.mktemp("unharmed")
    with bench(folder, twins(folder)[1]) as facility:
        in_zone(facility, ZONES[OTHER])
        facility.at(MIDDLE)
        ends = _pass(facility)
        facility.at(END)
        return ends + _pass(facility), told(facility)


@pytest.mark.parametrize(
    ("breaks", "ends"),
    [
        (_wrong_key, ConfigurationError),
        (_down, PlexCdfError),
        (_lease_held, None),
        (_full_quarantine, DataError),
    ],
)
def test_what_fails_in_one_is_not_felt_in_the_other(
    tmp_path: Path, unharmed: tuple[list[str], Row], breaks: Callable[[Bench], None], ends: type[Exception] | None
) -> None:
    with pair(tmp_path) as (one, other):
        breaks(one)
        watch = Watch()
        other.outside = watch.outside()
        answers = []
        for instant in (MIDDLE, END):
            one.at(instant)
            for extractor in SOME:
                if ends:
                    with pytest.raises(ends):
                        one.run(extractor)
                else:
                    assert one.run(extractor)["status"] == "skipped"
                answers.append(outcome(other.run(extractor)))
        assert (answers, told(other)) == unharmed
        assert watch.waits == []
        assert {run["status"] for extractor in SOME for run in other.runs(extractor)} == {"success"}


def test_while_one_waits_for_its_plex_the_other_works_and_its_breaker_knows_nothing(tmp_path: Path) -> None:
    with pair(tmp_path) as (one, other):
        watch, meanwhile = Watch(), []

        def wait(_: float) -> None:
            meanwhile.append(other.run("jobs")["status"])

        one.outside = replace(watch.outside(Down), sleep=wait)
        with pytest.raises(PlexCdfError):
            one.run("jobs")
        assert len(meanwhile) >= 2
        assert set(meanwhile) == {"success"}
        with pytest.raises(PlexDownError, match="asked again after"):
            one.run("jobs")
        memories: list[Any] = [each.raw("state")["jobs_incremental"]["breaker"] for each in (one, other)]
        assert memories[0]["openUntil"] > watch.now * 1000
        assert memories[1] == {}


def test_one_key_for_both_fills_each_with_its_own(tmp_path: Path) -> None:
    """With an entry `default` the tenant of the facility's config decides."""
    plants = twins(tmp_path)
    with pair(tmp_path) as separate:
        _all(separate[1])
        wanted = told(separate[1])
    with pair(tmp_path, api_keys={KEY: [plant.pcn for plant in plants]}) as (one, other):
        for each in (one, other):
            each.keys = {"default": {"apiKey": KEY}}
            for extractor in ORDER:
                answer = each.run(extractor)
                assert answer["status"] == "success"
                assert any("2 tenants" in note for note in answer["notes"])
        assert told(other) == wanted
