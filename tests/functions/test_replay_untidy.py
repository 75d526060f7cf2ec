"""The same, with rows that come late, are corrected, taken back and deleted, and every window read twice."""

from datetime import timedelta

import pytest
from plant_content import differences
from replay import ENDS, LOG, at_once, slowly
from untidy_log import SETTLED

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not ours to ship")


def test_untidy_days_read_twice_end_as_one_reading_does() -> None:
    ends = ENDS + SETTLED + timedelta(days=1)
    held = slowly(ends, tidy=False, twice=True)
    assert differences(held, at_once(ends, tidy=False)) == {}
    assert len(held) > 6000
