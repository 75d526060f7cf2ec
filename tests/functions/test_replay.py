"""Three months of a real plant, day by day by the plant's clock, end as one reading of everything does."""

import pytest
from plant_content import differences
from replay import ENDS, LOG, at_once, slowly

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not ours to ship")


def test_day_by_day_ends_as_one_reading_does() -> None:
    held = slowly(ENDS, tidy=True)
    assert differences(held, at_once(ENDS, tidy=True)) == {}
    assert len(held) > 6000
