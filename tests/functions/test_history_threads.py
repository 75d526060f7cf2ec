"""Threads that read ahead end with their run; where there is nothing to read ahead, none begins."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from plex_cdf.errors import PlexCdfError
from plex_cdf.run.call import Outside
from shop import MADE, Shop, made

ENTRIES = "production_entries"


class Gate(requests.Session):
    """Lets the first window's request fail once another one has begun, and that one go on only after it has failed."""

    def __init__(self) -> None:
        super().__init__()
        self.second, self.failed = threading.Event(), threading.Event()
        self.late: list[str] = []

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        url = str(request.url)
        if MADE not in url:
            return super().send(request, **kwargs)
        if "beginDate=2023-03-01" in url:
            assert self.second.wait(30)
            self.failed.set()
            raise requests.exceptions.InvalidHeader("as a bug would")
        self.second.set()
        assert self.failed.wait(30)
        response = super().send(request, **kwargs)
        self.late.append(url)
        return response


def _readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_a_run_that_fails_leaves_nobody_who_reads_on(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-03-01")
    gate = Gate()
    naps: list[float] = []
    shop.facility.outside = Outside(session=lambda: gate, sleep=naps.append)
    before = _readers()
    with pytest.raises(PlexCdfError):
        shop.run(ENTRIES)
    assert _readers() == before
    # What had begun has ended, and nothing was begun after it.
    assert 1 <= len(gate.late) <= 2
    assert max(naps) <= 1


def test_a_run_with_a_single_window_needs_no_thread(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()

    def begun(*_: object) -> None:
        raise AssertionError("a thread has begun")

    monkeypatch.setattr(ThreadPoolExecutor, "submit", begun)
    assert shop.run(ENTRIES)["unchanged"] == 1
