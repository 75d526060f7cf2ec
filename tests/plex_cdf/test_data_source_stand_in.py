"""The client of the Data Source API against the stand-in for Plex."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from data_source_world import CHECKSHEETS, DAILY, PASSWORD, PCN, USER, World, world
from plex_cdf.config import CONTENT_TYPE
from plex_cdf.errors import (
    ConfigurationError,
    IncompleteError,
    ParameterError,
    PlexCdfError,
)

from sandbox.plex import Account

FLAGS = ("limitExceeded", "rowLimitedExceeded", "rowLimitExceeded")
EVER = {"Date_Begin": "2000-01-01T00:00:00.000Z", "Date_End": "2100-01-01T00:00:00.000Z"}


@pytest.fixture(scope="module")
def plex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    accounts = {
        "few": Account("few", PCN, granted=[DAILY]),
        "none": Account("none", PCN, denied="DATA_SOURCE_API_ACCESS_DENIED"),
        "left": Account("left", PCN, denied="CUSTOMER_ACCESS_DENIED"),
    }
    with world(tmp_path_factory.mktemp("plant"), accounts) as running:
        yield running


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("at_top", [False, True])
def test_the_stand_in_cuts_in_every_spelling(tmp_path: Path, flag: str, at_top: bool) -> None:
    with world(tmp_path, flag=flag, flag_at_top=at_top, limits={CHECKSHEETS: 3}) as plex:
        with pytest.raises(IncompleteError):
            plex.data_sources().execute(CHECKSHEETS, EVER)
        assert len(plex.data_sources().execute(CHECKSHEETS, {"Part_No": "Shaft"})) == 3


@pytest.mark.parametrize("content_type", [CONTENT_TYPE, "application/json"])
def test_the_stand_in_is_read(plex: World, content_type: str) -> None:
    rows = plex.data_sources(content_type=content_type).execute(CHECKSHEETS, EVER)
    assert [row["Checksheet_No"] for row in rows] == [1, 2, 3, 4]


def test_the_stand_ins_metadata_are_checked(plex: World) -> None:
    api = plex.data_sources()
    api.check(CHECKSHEETS, ["Date_Begin", "Date_End"], ["Checksheet_No", "Inspection_Date"])
    with pytest.raises(ConfigurationError, match=r"4142 .Checksheets_Get .Quality.. .*no input date_begin"):
        api.check(CHECKSHEETS, ["date_begin"], [])
    with pytest.raises(ConfigurationError, match="requires input Start_Date, it requires input End_Date"):
        api.check(DAILY, [], [])
    assert api.calls == 2


@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        (USER, "wrong", "USER_ACCESS_DENIED.*dsPassword"),
        ("stranger", PASSWORD, "USER_ACCESS_DENIED.*dsPassword"),
        ("few", "few", "grant data source 4142"),
        ("none", "none", "the Data Source API"),
        ("left", "left", "may use this PCN"),
    ],
)
def test_the_stand_in_refuses_accounts(plex: World, user: str, password: str, words: str) -> None:
    api = plex.data_sources(user, password)
    for ask in (lambda: api.execute(CHECKSHEETS, EVER), lambda: api.metadata(CHECKSHEETS)):
        with pytest.raises(ConfigurationError, match=words):
            ask()
    assert api.calls == 2


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"Date_Begin": "2024-03-01"}, "Input 'Date_Begin'.* ISO UTC"),
        ({"date_begin": None}, "Input 'date_begin'.* was not found"),
        ({"Max_Records": None}, "Input 'Max_Records'.* null"),
    ],
)
def test_the_stand_in_refuses_inputs(plex: World, inputs: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        plex.data_sources().execute(CHECKSHEETS, inputs)


@pytest.mark.parametrize("kind", ["throttle", "error", "cut", "html", "resetBefore", "resetAfter", "empty"])
def test_the_stand_ins_faults_pass(plex: World, kind: str) -> None:
    plex.break_by({"kind": kind, "path": f"/api/datasources/{CHECKSHEETS}/*", "count": 1})
    api = plex.data_sources()
    assert len(api.execute(CHECKSHEETS, EVER)) == 4
    assert api.calls == 2


@pytest.mark.parametrize(("kind", "error"), [("rowLimit", IncompleteError), ("redirect", ConfigurationError)])
def test_the_stand_ins_other_faults(plex: World, kind: str, error: type[PlexCdfError]) -> None:
    plex.break_by({"kind": kind, "count": 1})
    with pytest.raises(error):
        plex.data_sources().execute(CHECKSHEETS, EVER)
