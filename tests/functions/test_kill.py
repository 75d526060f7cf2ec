"""A run may be killed at any request: one clean run later, CDF holds what the plant holds, each thing once."""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from bench import PCN, Bench, bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plex_cdf.errors import TransientError
from plex_cdf.run.call import Outside
from writes import JOBS

INSTANTS = ("2024-03-01T12:00:00Z", "2024-03-02T10:00:00Z", "2024-03-03T10:00:00Z", "2024-03-05T10:00:00Z")


class Killed(BaseException):
    """What no handler catches, as nothing catches the end of a process."""


@contextmanager
def killed_at(facility: Bench, position: int, *, after: bool) -> Iterator[None]:
    """From its request number `position` on, a run reaches nothing; with `after`, that request still takes effect."""
    counter = itertools.count(1)
    client = facility.client
    get, post = client.get, client.post

    def mortal(send: Callable[..., Any]) -> Callable[..., Any]:
        def request(*args: Any, **kwargs: Any) -> Any:
            number = next(counter)
            if number > position or (number == position and not after):
                raise Killed
            answer = send(*args, **kwargs)
            if number == position:
                raise Killed
            return answer

        return request

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(client, "get", mortal(get))
        patched.setattr(client, "post", mortal(post))
        with suppress(Killed):
            yield


def _content(facility: Bench) -> dict[str, Any]:
    """Everything that the extractors wrote, without what CDF adds, links by external id."""
    names = {row["id"]: name for name, row in facility.assets().items()}
    content: dict[str, Any] = {}
    for row in [
        *facility.assets().values(),
        *facility.events("job").values(),
        *facility.events("job_operation").values(),
    ]:
        kept = {
            key: row.get(key) for key in ("name", "parentExternalId", "subtype", "startTime", "endTime", "metadata")
        }
        content[row["externalId"]] = kept | {"links": [names[found] for found in row.get("assetIds", [])]}
    for link in facility.client.relationships.list(limit=None):
        content[str(link.external_id)] = (link.source_external_id, link.target_external_id)
    return content


def _expected(facility: Bench) -> tuple[set[str], set[str]]:
    """The external ids of the plant's jobs and of their operations, by a plain reading of Plex."""
    jobs = facility.plex_rows(JOBS)
    steps = [step for job in jobs for step in facility.plex_rows(f"{JOBS}/{job['id']}/operations")]
    return (
        {f"PCN{PCN}_JOB_{job['id']}" for job in jobs},
        {f"PCN{PCN}_JOBOPERATION_{step['jobOperationId']}" for step in steps},
    )


def _later(facility: Bench, runs: int) -> None:
    """Real time goes on, so that a killed run's lease has expired."""
    facility.outside = Outside(now=lambda: time.time() + 3600 * runs)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """What CDF holds at the log's end when nothing was killed, the clock having stood at every instant."""
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as facility:
        for instant in INSTANTS:
            facility.at(instant)
            facility.cycle()
        return _content(facility)


kills = st.lists(
    st.tuples(st.sampled_from(["jobs", "master_data"]), st.integers(1, 45), st.booleans()), min_size=1, max_size=5
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=kills)
def test_killed_runs_leave_nothing_lost_and_nothing_doubled(
    reference: dict[str, Any], kills: list[tuple[str, int, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as facility:
        for number, (extractor, position, after) in enumerate(kills):
            facility.at(INSTANTS[min(number, len(INSTANTS) - 1)])
            _later(facility, number)
            with killed_at(facility, position, after=after):
                facility.run(extractor)
        facility.at(INSTANTS[-1])
        _later(facility, len(kills))
        facility.cycle()

        assert (set(facility.events("job")), set(facility.events("job_operation"))) == _expected(facility)
        assert _content(facility) == reference


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("position", range(1, 22))
def test_a_first_load_killed_at_this_request_is_finished_by_the_next(
    facility: Bench, reference: dict[str, Any], position: int, after: bool
) -> None:
    facility.run("master_data")
    with killed_at(facility, position, after=after):
        facility.run("jobs")
    _later(facility, 1)
    facility.run("jobs")
    assert _content(facility) == reference


def test_an_answer_that_gets_lost_is_asked_for_again(facility: Bench, reference: dict[str, Any]) -> None:
    """Every write is answered only at the second try, the first having taken effect."""
    seen: set[str] = set()
    client, post = facility.client, facility.client.post
    facility.outside = Outside(sleep=lambda _: None)

    def lossy(url: str, json: dict[str, Any], params: dict[str, Any] | None = None) -> Any:
        answer = post(url, json=json, params=params)
        if url.endswith(("/events", "/assets", "/timeseries", "/relationships", "/rows")) and str(json) not in seen:
            seen.add(str(json))
            raise KeyError("the answer was not what it should be")
        return answer

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(client, "post", lossy)
        facility.cycle()
    assert seen
    assert _content(facility) == reference


def test_a_cdf_that_stays_away_fails_the_run_and_the_next_one_finishes(
    facility: Bench, reference: dict[str, Any]
) -> None:
    facility.outside = Outside(sleep=lambda _: None)
    post = facility.client.post

    def away(url: str, *args: Any, **kwargs: Any) -> Any:
        if url.endswith("/events"):
            raise KeyError("message")
        return post(url, *args, **kwargs)

    facility.run("master_data")
    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(facility.client, "post", away)
        with pytest.raises(TransientError, match="POST /events"):
            facility.run("jobs")
    assert facility.runs("jobs")[0]["status"] == "failure"

    facility.run("jobs")
    assert _content(facility) == reference


class SlowPlex:
    """A clock that only Plex's answers move on."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.seconds = seconds

    def outside(self) -> Outside:
        return Outside(session=self._session, monotonic=lambda: self.now, sleep=self._pass)

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.hooks["response"].append(lambda *_, **__: self._pass(self.seconds))
        return session

    def _pass(self, seconds: float) -> None:
        self.now += seconds


def test_a_run_out_of_time_ends_as_partial_and_the_next_ones_finish(facility: Bench, reference: dict[str, Any]) -> None:
    facility.run("master_data")
    facility.configure("jobs", timeLimitMinutes=1)
    statuses: list[str] = []
    while "success" not in statuses:
        assert len(statuses) < 4
        plex = SlowPlex(12)
        facility.outside = plex.outside()
        statuses.append(facility.run("jobs")["status"])
        assert plex.now <= 60
    assert statuses[0] == "partial"
    assert _content(facility) == reference
