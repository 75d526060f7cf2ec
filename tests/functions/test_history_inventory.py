"""Containers come and go; what is on hand is the sum of those that are there, and 0 once where there are none."""

from itertools import permutations

import pytest
from bench import PCN, Bench, Row
from shop import CONTAINERS, MADE, STATUS, Shop, container, made, status

ACTIVE = "/inventory/v1/inventory-tracking/containers"
SERIES = f"PCN{PCN}_ONHAND_l-1_p-1"


class Stock:
    """The containers of a plant, which are read again an hour later each time."""

    def __init__(self, facility: Bench) -> None:
        self.facility = facility
        self.hour = 0
        facility.configure("inventory", startDate="2023-06-01")

    def is_now(self, *rows: Row) -> Row:
        self.hour += 1
        self.facility.at(f"2023-06-10T{self.hour:02}:00:00Z")
        self.facility.rows(CONTAINERS, reset=True, upsert=list(rows))
        answer: Row = self.facility.run("inventory", streams=["containers"])
        return answer

    def on_hand(self, series: str = SERIES) -> list[float | str]:
        return list(self.facility.points(series).values())

    def active(self) -> set[str]:
        names = {name: row for name, row in self.facility.assets().items() if "_CONTAINER_" in name}
        return {row["name"] for row in names.values() if row["metadata"].get("plexState") != "inactive"}


@pytest.fixture
def stock(facility: Bench) -> Stock:
    return Stock(facility)


def test_containers_of_one_part_at_one_location_are_summed(stock: Stock) -> None:
    stock.is_now(container("c-1", 10), container("c-2", 20), container("c-3", 5, locationId="l-2"))
    stock.is_now(container("c-1", 10), container("c-2", 15), container("c-3", 5, locationId="l-2"))
    assert stock.on_hand() == [30, 25]
    assert stock.on_hand(f"PCN{PCN}_ONHAND_l-2_p-1") == [5]


def test_a_container_that_vanishes_is_inactive_and_a_place_that_empties_gets_one_zero(stock: Stock) -> None:
    stock.is_now(container("c-1", 10), container("c-2", 20))
    assert stock.active() == {"c-1", "c-2"}
    stock.is_now(container("c-2", 20))
    assert (stock.active(), stock.on_hand()) == ({"c-2"}, [10 + 20, 20])
    answers = [stock.is_now() for _ in range(3)]
    assert (stock.active(), stock.on_hand()) == (set(), [30, 20, 0])
    assert [answer["streams"]["containers"]["retracted"] for answer in answers] == [1, 0, 0]
    assert [answer["cdfCalls"] for answer in answers[1:]] == [9, 9]


def test_one_that_comes_back_is_as_it_was(stock: Stock) -> None:
    stock.is_now(container("c-1", 10))
    stock.is_now()
    stock.is_now(container("c-1", 10))
    assert (stock.active(), stock.on_hand()) == ({"c-1"}, [10, 0, 10])


def test_one_that_moves_takes_its_part_along(stock: Stock) -> None:
    stock.is_now(container("c-1", 10), container("c-2", 1))
    stock.is_now(container("c-1", 10, locationId="l-2"), container("c-2", 1))
    assert (stock.on_hand(), stock.on_hand(f"PCN{PCN}_ONHAND_l-2_p-1")) == ([11, 1], [10])
    stock.is_now(container("c-1", 10, locationId="l-2"), container("c-2", 1, locationId="l-2"))
    assert (stock.on_hand(), stock.on_hand(f"PCN{PCN}_ONHAND_l-2_p-1")) == ([11, 1, 0], [10, 11])


def test_a_sum_that_stays_is_not_written_again(stock: Stock) -> None:
    stock.is_now(container("c-1", 10), container("c-2", 20))
    stock.is_now(container("c-1", 20), container("c-2", 10))
    stock.is_now(container("c-3", 30))
    assert stock.on_hand() == [30]
    assert stock.active() == {"c-3"}


def test_an_empty_list_of_many_is_not_believed(stock: Stock) -> None:
    rows = [container(f"c-{number}", 1) for number in range(30)]
    stock.is_now(*rows)
    stock.facility.faults({"path": ACTIVE, "kind": "empty"})
    answer = stock.is_now(*rows)
    assert any("30 of 30 are absent" in note for note in answer["notes"])
    stock.facility.faults()
    stock.is_now(*rows[:25])
    assert (len(stock.active()), stock.on_hand()) == (25, [30, 25])


VARIANTS = [
    container("c-1", 1, partNo=None, partNoRevision=None),
    container("c-2", 1, location=None),
    container("c-3", 1),
    container("c-4", 1, quantityInventoryUnit=None),
    container("c-5", 1, location=None, partNoRevision=None),
]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::17])
def test_a_series_is_named_by_the_row_that_lacks_least_however_they_arrive(
    stock: Stock, order: tuple[int, ...]
) -> None:
    for number in range(1, 6):
        stock.is_now(*(VARIANTS[each] for each in order[:number]))
    series = stock.facility.series()[SERIES]
    assert (series["name"], series["unit"]) == ("Shaft-A on hand at Rack 1", "Ea")
    stock.is_now(*VARIANTS[:2])
    assert stock.facility.series()[SERIES]["name"] == "Shaft-A on hand at Rack 1"


def test_a_row_without_a_code_renames_no_series(shop: Shop) -> None:
    name = "PCN340884_WORKCENTER_wc-1_GOOD"
    shop.has(MADE, made("09T13:00", workcenterCode=None))
    shop.run()
    assert shop.facility.series()[name]["name"] == "wc-1 good quantity"
    shop.has(MADE, made("09T13:00", workcenterCode=None), made("09T14:00"))
    shop.run()
    assert shop.facility.series()[name]["name"] == "Lathe good quantity"
    shop.has(MADE, made("09T13:00", 9, workcenterCode=None), made("09T14:00"), made("10T08:00", workcenterCode=None))
    shop.has(STATUS, status("10T08:00", "Production"), status("10T09:00", "Setup", workcenterCode=None))
    with shop.facility.requests() as record:
        shop.run()
    assert shop.facility.series()[name]["name"] == "Lathe good quantity"
    assert shop.facility.series()["PCN340884_WORKCENTER_wc-1_STATUS"]["name"] == "Lathe status"
    assert not any(request["path"].endswith("/timeseries/update") for request in record)


def test_a_workcenter_that_is_renamed_renames_its_series(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()
    shop.has(MADE, made("10T08:00", workcenterCode="Mill"))
    shop.run()
    assert shop.facility.series()["PCN340884_WORKCENTER_wc-1_GOOD"]["name"] == "Mill good quantity"
