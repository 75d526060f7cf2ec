"""Deadline, retries and the rate limit, in a time of their own."""

from collections.abc import Callable

import pytest
from fake_time import FakeTime
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.errors import ConfigurationError, OutOfTimeError, ThrottledError, TransientError
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry


def failing(times: int, error: Exception) -> Callable[[], int]:
    """Fails so often, then answers how often it was called."""
    calls = 0

    def function() -> int:
        nonlocal calls
        calls += 1
        if calls <= times:
            raise error
        return calls

    return function


def test_the_deadline_counts_from_its_beginning() -> None:
    time = FakeTime()
    deadline = time.deadline(100)
    assert deadline.allows(99)
    assert not deadline.allows(100)
    time.now += 40
    assert deadline.remaining() == 60
    deadline.limit(50)
    assert deadline.remaining() == 10
    deadline.check()
    time.now += 11
    assert deadline.remaining() == 0
    with pytest.raises(OutOfTimeError):
        deadline.check()


def test_success_costs_one_call_and_no_wait() -> None:
    time = FakeTime()
    assert Retry(time.deadline(), sleep=time.sleep).call(failing(0, TransientError())) == 1
    assert time.slept == []


def test_waits_are_full_jitter_under_a_doubling_cap() -> None:
    time, bounds = FakeTime(), []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    retry = Retry(time.deadline(1000), attempts=8, base=0.5, cap=10, sleep=time.sleep, uniform=uniform)
    assert retry.call(failing(7, TransientError())) == 8
    assert bounds == [(0, high) for high in (0.5, 1, 2, 4, 8, 10, 10)]
    assert time.slept == [high for _, high in bounds]


@given(st.integers(1, 8), st.integers(0, 10))
def test_tries_are_counted(attempts: int, failures: int) -> None:
    time = FakeTime()
    retry = Retry(time.deadline(10_000), attempts=attempts, sleep=time.sleep)
    calls = failing(failures, TransientError("no"))
    if failures < attempts:
        assert retry.call(calls) == failures + 1
    else:
        with pytest.raises(TransientError, match="no"):
            retry.call(calls)
    assert len(time.slept) == min(failures, attempts - 1)


def test_retry_after_comes_before_the_jitter_and_may_pass_the_cap() -> None:
    time = FakeTime()
    retry = Retry(time.deadline(), cap=1, sleep=time.sleep, uniform=lambda _, high: high)
    assert retry.call(failing(1, ThrottledError("slow", 30.0))) == 2
    assert time.slept == [30.5]


def test_without_retry_after_a_throttled_call_waits_as_any_other() -> None:
    time = FakeTime()
    retry = Retry(time.deadline(), sleep=time.sleep, uniform=lambda _, high: high)
    assert retry.call(failing(1, ThrottledError("slow"))) == 2
    assert time.slept == [0.5]


def test_no_wait_reaches_beyond_the_deadline() -> None:
    time = FakeTime()
    retry = Retry(time.deadline(10), attempts=50, base=4, sleep=time.sleep, uniform=lambda _, high: high)
    with pytest.raises(TransientError):
        retry.call(failing(50, TransientError()))
    assert time.slept == [4]  # the next one, of 8 seconds, would have ended after the deadline
    with pytest.raises(ThrottledError):
        retry.call(failing(1, ThrottledError("slow", 3600)))
    assert time.slept == [4]


def test_other_errors_pass_at_once() -> None:
    time = FakeTime()
    with pytest.raises(ConfigurationError):
        Retry(time.deadline(), sleep=time.sleep).call(failing(1, ConfigurationError("mend")))
    assert time.slept == []


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= time < start + 60 - 1e-6 for time in times) for start in times)


@given(st.integers(1, 40), st.lists(st.one_of(st.just(0.0), st.floats(0, 90)), min_size=1, max_size=120))
def test_no_minute_has_more_calls_than_it_may(rate: int, pauses: list[float]) -> None:
    time, calls = FakeTime(), []
    limiter = RateLimiter(rate, time.deadline(1e9), clock=time.clock, sleep=time.sleep)
    for pause in pauses:
        time.now += pause
        limiter.acquire()
        calls.append(time.now)
    assert most_in_a_minute(calls) <= rate


def test_a_short_burst_is_free_and_the_whole_share_is_used() -> None:
    time = FakeTime()
    limiter = RateLimiter(60, time.deadline(1e9), clock=time.clock, sleep=time.sleep)
    for _ in range(8):
        limiter.acquire()
    assert time.slept == []
    for _ in range(52):
        limiter.acquire()
    assert time.now - 1000 < 60


def test_slow_down_halves_the_pace() -> None:
    time = FakeTime()
    limiter = RateLimiter(60, time.deadline(1e9), clock=time.clock, sleep=time.sleep)
    for _ in range(20):
        limiter.acquire()
    before = time.slept[-1]
    limiter.slow_down()
    limiter.acquire()
    time.slept.clear()
    for _ in range(3):
        limiter.acquire()
    assert time.slept == pytest.approx([2 * before] * 3)


def test_slow_down_empties_the_bucket() -> None:
    time = FakeTime()
    limiter = RateLimiter(60, time.deadline(1e9), clock=time.clock, sleep=time.sleep)
    limiter.slow_down()
    limiter.acquire()
    limiter.acquire()
    assert len(time.slept) == 1


def test_a_wait_beyond_the_deadline_ends_the_run_in_time() -> None:
    time = FakeTime()
    limiter = RateLimiter(1, time.deadline(30), clock=time.clock, sleep=time.sleep)
    limiter.acquire()
    with pytest.raises(OutOfTimeError, match="rate limit"):
        limiter.acquire()
    assert time.slept == []
