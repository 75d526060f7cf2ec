"""Ten calls at once, a Plex that is down for an hour, and the calls that all functions together may make."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from bench import LOG, PCN, Bench, Row, benches
from croniter import croniter
from facilities import ORDER, OTHER, Down, Watch, pair, told, twin
from plex_cdf.errors import PlexCdfError
from plex_cdf.run.call import Outside

from sandbox.plex.access import Limiter

ROOT = Path(__file__).parents[2]
CALLS_PER_MINUTE = 200
NAMES = {"master_data": "masterData"}


def _modules(name: str) -> Row:
    content: Row = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))["variables"]["modules"]
    return content


# Ten calls at once


def test_of_ten_calls_at_once_one_works_and_the_other_facility_does_not_wait(tmp_path: Path) -> None:
    with pair(tmp_path) as (one, other):
        ended = threading.Semaphore(0)
        beside: list[Row] = []
        once = threading.Lock()

        def when_nine_have_ended(*ignored: Any, **too: Any) -> None:
            # Whoever reaches Plex first holds the lease, and holds it until the others have been sent away.
            if once.acquire(blocking=False):
                for _ in range(9):
                    assert ended.acquire(timeout=60)
                beside.append(other.run("jobs"))

        def session() -> requests.Session:
            made = requests.Session()
            made.hooks["response"].append(when_nine_have_ended)
            return made

        def call(_: int) -> Row:
            answer = one.run("jobs")
            ended.release()
            return answer

        one.outside = Outside(session=session)
        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(call, range(10)))

        assert Counter(answer["status"] for answer in answers) == {"success": 1, "skipped": 9}
        assert sum(answer["plexCalls"] > 0 for answer in answers) == 1
        assert beside[0]["status"] == "success"
        for each in (one, other):
            events = [name for kind in ("job", "job_operation") for name in each.events(kind)]
            assert sum(name.startswith(f"PCN{each.pcn}_") for name in events) == 3 + 5
        assert one.raw("state")["jobs_incremental"]["breaker"] == {}
        one.outside = Outside()
        figures = one.run("jobs", mode="full")["streams"]
        assert all(each["created"] == each["updated"] == each["retracted"] == 0 for each in figures.values())


# An hour without Plex


class Outage(Down):
    """Counts what is asked in vain."""

    asked = 0

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        Outage.asked += 1
        return super().send(request, **options)


def test_an_hour_without_plex_costs_a_few_calls_and_afterwards_everything_is_there(tmp_path: Path) -> None:
    """All schedules of a facility as they are deployed; another facility's Plex is up."""
    with pair(tmp_path) as (one, _):
        for extractor in ORDER:
            assert one.run(extractor)["status"] == "success"
        wanted = told(one)

    crons = {name: _modules("config.dev.yaml")["facility"][0][f"{NAMES.get(name, name)}Cron"] for name in ORDER}
    with pair(tmp_path) as (one, other):
        watch = Watch(2_000_002_400.0)  # a full hour
        began = watch.now
        one.outside = watch.outside(Outage)
        Outage.asked, runs = 0, 0
        for minute in range(60):
            for extractor in (name for name in ORDER if croniter.match(crons[name], _at(began + 60 * minute))):
                watch.now = max(watch.now, began + 60 * minute)
                runs += 1
                with pytest.raises(PlexCdfError):
                    one.run(extractor)
        assert runs == 12 + 12 + 6 + 4 + 4 + 1
        # Of each extractor six tries before its breaker opens; then each time that it has cooled down, for 1, 2, 4, 8
        # and from then on 15 minutes, one.
        assert 6 * len(ORDER) <= Outage.asked <= 6 * len(ORDER) + 25
        assert watch.now - began < 3600

        watch.now = began + 3600 + 15 * 60
        one.outside = watch.outside()
        watch.waits.clear()
        for extractor in ORDER:
            assert one.run(extractor)["status"] == "success"
            assert other.run(extractor)["status"] == "success"
        assert watch.waits == []
        assert told(one) == wanted


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# The budget of a key


class Pace:
    """One run's own time, in which calls to Plex take none: it asks as often as its limiter lets it."""

    def __init__(self) -> None:
        self.calls: list[float] = []
        self._now = 0.0
        self._lock = threading.Lock()
        self._seen = threading.local()

    def outside(self) -> Outside:
        def session() -> requests.Session:
            made = requests.Session()
            made.hooks["response"].append(lambda *_, **__: self.calls.append(self._seen.at))
            return made

        return Outside(session=session, monotonic=self._read, sleep=self._sleep)

    def _read(self) -> float:
        with self._lock:
            self._seen.at = self._now
            return self._now

    def _sleep(self, seconds: float) -> None:
        # Of threads that wait at the same time, each waits from where it looked at the clock.
        with self._lock:
            self._seen.at += seconds
            self._now = max(self._now, self._seen.at)


def _many() -> Iterator[str]:
    yield LOG.splitlines()[0]
    for number in range(150):
        yield f"W{number},Part {number},10,Turn,Lathe 1,a,D,5,0,,60,2024-03-{1 + number % 28:02}T{number % 24:02}:00"


@pytest.mark.parametrize("name", ["config.dev.yaml", "config.prod.yaml"])
def test_all_functions_of_all_facilities_stay_within_the_calls_that_plex_allows_a_key(
    tmp_path: Path, name: str
) -> None:
    """The shares as deployed, the worst there can be: one key, all at once, and each called again when it has ended."""
    modules, log = _modules(name), "\n".join(_many()) + "\n"
    shares = {extractor: modules[f"{NAMES.get(extractor, extractor)}CallsPerMinute"] for extractor in ORDER}
    pcns = [PCN, OTHER][: len(modules["facility"])]
    assert sum(shares.values()) * len(pcns) <= CALLS_PER_MINUTE
    with benches(tmp_path, *(twin(tmp_path, pcn, log) for pcn in pcns)) as facilities:
        calls = sorted(chain.from_iterable(_paced(each, shares) for each in facilities))

    left = iter(calls)
    plex = Limiter(CALLS_PER_MINUTE, lambda: next(left))
    for _ in calls:
        plex.take("the key of all")
    most = max(sum(begin <= each < begin + 60 for each in calls) for begin in calls)
    assert 150 < most <= CALLS_PER_MINUTE


def _paced(facility: Bench, shares: dict[str, int]) -> Iterator[float]:
    """When each extractor asks Plex, each from the same instant on."""
    settings: dict[str, Row] = {
        "master_data": {"bomCallBudget": 120},
        **{name: {"startDate": "2018-01-01"} for name in ("production", "inventory", "quality")},
    }
    for extractor in ORDER:
        plex = {"url": facility.plex, "callsPerMinute": shares[extractor]}
        facility.configure(extractor, plex=plex, **settings.get(extractor, {}))
        pace = Pace()
        facility.outside = pace.outside()
        for payload in ({}, {"mode": "full"}):
            assert facility.run(extractor, **payload)["status"] in {"success", "partial"}
        yield from pace.calls
