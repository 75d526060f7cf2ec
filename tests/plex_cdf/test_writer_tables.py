"""Tables: made whole, made anew when they change, however many lines and columns they have."""

from collections.abc import Iterator
from typing import Any

import pytest
from cdf_project import ROOT, Cdf, project
from plex_cdf.cdf.classic import Item
from plex_cdf.cdf.combined import combine
from plex_cdf.cdf.writer import Outcome
from plex_cdf.resources import Column, SequenceLine

COLUMNS = (Column("component"), Column("quantity", "DOUBLE"))


@pytest.fixture(scope="module")
def cdf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cdf]:
    with project(tmp_path_factory.mktemp("cdf")) as made:
        yield made


def table(name: str, lines: int, columns: int = 2) -> Item:
    more = tuple(Column(f"c{number}", "LONG") for number in range(columns - 2))
    (item,), _ = combine(
        SequenceLine(name, name, COLUMNS + more, (f"part {line}", line / 2, *range(columns - 2)), (line,), asset=ROOT)
        for line in range(lines)
    )
    return item


def held(cdf: Cdf, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    body: dict[str, Any] = {"externalId": name, "limit": 10_000}
    while True:
        answer = cdf.api.post("/sequences/data/list", body)
        rows += [row["values"] for row in answer["rows"]]
        if not answer.get("nextCursor"):
            return rows
        body["cursor"] = answer["nextCursor"]


def write(cdf: Cdf, creates: list[Item], updates: list[Item]) -> Outcome:
    outcome = Outcome()
    cdf.writer().write(creates, updates, 0, outcome)
    return outcome


def test_a_table_is_made_with_its_lines_and_made_anew_when_it_changes(cdf: Cdf) -> None:
    before, after = table("changing", 3), table("changing", 2)
    assert write(cdf, [before], []).done == {before.id: ()}
    assert held(cdf, "changing") == before.body["rows"]
    assert write(cdf, [], [after]).done == {after.id: ()}
    assert held(cdf, "changing") == after.body["rows"]


def test_one_that_is_thought_new_and_one_that_is_thought_there(cdf: Cdf) -> None:
    items = [table(f"mistaken {number}", number + 1) for number in range(2)]
    write(cdf, items[:1], [])
    outcome = write(cdf, items[:1], items[1:])
    assert outcome.done == {item.id: () for item in items}
    for item in items:
        assert held(cdf, item.external_id) == item.body["rows"]


@pytest.mark.parametrize(
    ("lines", "columns"),
    [((6000, 6000), 2), ((25_000,), 2), ((4000, 4000), 20), ((12_000, 1), 20), ((600,), 400)],
    ids=["many lines", "more lines than a request", "many values", "more values than a request", "all columns"],
)
def test_large_tables_take_as_many_requests_as_they_need(cdf: Cdf, lines: tuple[int, ...], columns: int) -> None:
    items = [table(f"large {columns} {lines} {number}", many, columns) for number, many in enumerate(lines)]
    with cdf.requests() as sent:
        assert write(cdf, items, []).done.keys() == {item.id for item in items}
    asked = [request for request in sent if request.path == "/sequences/data"]
    assert len(asked) >= max(sum(lines) / 10_000, sum(lines) * columns / 100_000)
    for item in items:
        assert held(cdf, item.external_id) == item.body["rows"]
