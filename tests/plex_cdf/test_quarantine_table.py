"""What waits in quarantine stands in its table and in its index alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cdf_project import Cdf, project
from plex_cdf.cdf.entries import BACKFILL, INCREMENTAL
from plex_cdf.cdf.lane_rows import QUARANTINE, LaneRows, listed
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.raw import RawTable

STREAM, NOW = "parts", 1_700_000_000_000
BAD = {"id": "p-1", "weight": "heavy"}


@pytest.fixture
def cdf(tmp_path: Path) -> Iterator[Cdf]:
    with project(tmp_path) as made:
        yield made


def _table(cdf: Cdf) -> RawTable:
    return RawTable(cdf.api, "plex_340884", "state")


def _quarantine(cdf: Cdf, lane: str = INCREMENTAL) -> Quarantine:
    """That of a new run; the index lies beside it, in the one table that there is."""
    table = _table(cdf)
    return Quarantine(table, LaneRows(table, QUARANTINE, lane, dict(table.all())), "master_data", "run")


def test_what_was_released_and_is_bad_again_before_a_commit_is_there(cdf: Cdf) -> None:
    quarantine = _quarantine(cdf)
    digest = quarantine.add(STREAM, "one", "p-1", BAD, "bad", NOW)
    quarantine.flush()

    quarantine = _quarantine(cdf)
    quarantine.release(STREAM, {"p-1"})
    quarantine.add(STREAM, "other", "p-1", BAD, "bad", NOW)
    quarantine.flush()

    again = _quarantine(cdf)
    assert again.scopes(STREAM) == {"other": [digest]}
    assert again.payloads(STREAM) == {digest: BAD}


def test_a_payload_that_somebody_has_removed_is_left_out(cdf: Cdf) -> None:
    quarantine = _quarantine(cdf)
    kept, gone = (quarantine.add(STREAM, "", f"p-{n}", {"id": f"p-{n}"}, "bad", NOW) for n in range(2))
    quarantine.add("other", "", "p-1", BAD, "bad", NOW)
    quarantine.flush()
    _table(cdf).delete([f"master_data/{STREAM}/{gone}"])
    with cdf.requests() as sent:
        assert quarantine.payloads(STREAM) == {kept: {"id": "p-0"}}
        assert quarantine.payloads("nothing waits") == {}
    assert len(sent) == 1


def test_a_lane_takes_over_what_another_one_left(cdf: Cdf) -> None:
    other = _quarantine(cdf, BACKFILL)
    digest = other.add(STREAM, "one", "p-1", BAD, "bad", NOW)
    early = _quarantine(cdf)
    other.flush()
    assert early.scopes(STREAM) == {}
    early.adopt(listed(_table(cdf)))
    assert early.scopes(STREAM) == _quarantine(cdf).scopes(STREAM) == {"one": [digest]}
    assert _quarantine(cdf, BACKFILL).scopes(STREAM) == {}
    early.release(STREAM, {"p-1"})
    early.flush()
    assert _quarantine(cdf).payloads(STREAM) == {}
