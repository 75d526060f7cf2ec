"""Writing to a CDF that may be in any state."""

import re
from collections.abc import Callable, Iterator

import pytest
from cdf_project import DATA_SET, ROOT, Cdf, Refuses, Row, project
from plex_cdf.cdf.classic import Item, encode
from plex_cdf.cdf.raw import ROWS_PER_WRITE, RawTable
from plex_cdf.cdf.writer import Outcome, Writer
from plex_cdf.errors import ConfigurationError, OutOfTimeError, RefusedError
from plex_cdf.resources import Asset, Event, Reading, Relationship, TimeSeries

NOW = 1775743407000


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cdf]:
    with project(tmp_path_factory.mktemp("cdf")) as made:
        yield made


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Ids of one test alone, as the tests share the project."""
    return re.sub(r"\W", "_", request.node.name) + "_"


@pytest.fixture
def cdf(shared: Cdf) -> Iterator[Cdf]:
    now = shared.time.now
    yield shared
    shared.time.now = now
    shared.gateway.refuses = lambda path, items: False
    assert shared.gateway.lost == []


def asset(external_id: str, parent: str = ROOT, name: str = "n", **metadata: str) -> Item:
    return encode(Asset(external_id, name, parent, metadata=metadata))


def event(external_id: str, *assets: str, subtype: str | None = None, **metadata: str) -> Item:
    return encode(Event(external_id, "job", subtype, assets=assets, metadata=metadata))


def write(writer: Writer, creates: list[Item], updates: list[Item] | None = None) -> Outcome:
    outcome = Outcome()
    writer.write(creates, updates or [], NOW, outcome)
    return outcome


def bad(*external_ids: str) -> Refuses:
    """Refuses every request that holds one of these items."""
    return lambda path, items: any(item.get("externalId") in external_ids for item in items)


def test_new_things_are_created_in_the_data_set(cdf: Cdf, prefix: str) -> None:
    items = [asset(f"{prefix}a", k="v"), event(f"{prefix}e", subtype="Open")]
    with cdf.requests() as sent:
        outcome = write(cdf.writer(), items)
    assert outcome == Outcome(done={item.id: () for item in items})
    assert [request.path for request in sent] == ["/datasets/byids", "/assets", "/events"]
    (row,) = cdf.rows("/assets", [f"{prefix}a"]).values()
    (data_set,) = cdf.rows("/datasets", [DATA_SET]).values()
    assert (row["metadata"], row["source"], row["dataSetId"]) == ({"k": "v"}, "Plex", data_set["id"])


@pytest.mark.parametrize("there", [[], [0], [1, 3], [0, 1, 2, 3, 4]])
@pytest.mark.parametrize("thought_new", [[], [2], [0, 1, 4], [0, 1, 2, 3, 4]])
def test_whatever_is_there_all_ends_as_sent(cdf: Cdf, prefix: str, there: list[int], thought_new: list[int]) -> None:
    write(cdf.writer(), [event(f"{prefix}{number}", subtype="Old", old="1") for number in there])
    items = [event(f"{prefix}{number}", subtype="New", new="1") for number in range(5)]
    creates = [items[number] for number in thought_new]
    outcome = write(cdf.writer(), creates, [item for item in items if item not in creates])
    assert outcome == Outcome(done={item.id: () for item in items})
    rows = cdf.rows("/events", [item.external_id for item in items])
    assert len(rows) == 5
    assert all((row["subtype"], row["metadata"]) == ("New", {"new": "1"}) for row in rows.values())


def test_an_update_clears_what_plex_no_longer_has(cdf: Cdf, prefix: str) -> None:
    link = f"{prefix}a"
    full = encode(Event(f"{prefix}e", "job", "Open", 1, 2, "d", (link,), {"k": "v"}))
    series = encode(TimeSeries(f"{prefix}t", "n", "%", asset=link, description="d", metadata={"k": "v"}))
    relation = encode(Relationship(f"{prefix}r", "x", "event", "y", "event"))
    write(cdf.writer(), [asset(link), full, series, relation])
    empty = [
        encode(Event(f"{prefix}e", "job")),
        encode(TimeSeries(f"{prefix}t", "n")),
        encode(Relationship(f"{prefix}r", "x", "event", "z", "event")),
    ]
    outcome = write(cdf.writer(), [], empty)
    assert len(outcome.done) == 3
    (row,) = cdf.rows("/events", [f"{prefix}e"]).values()
    assert {"subtype", "startTime", "endTime", "description"} & row.keys() == set()
    assert (row.get("assetIds", []), row.get("metadata", {})) == ([], {})
    (row,) = cdf.rows("/timeseries", [f"{prefix}t"]).values()
    assert {"unit", "description", "assetId"} & row.keys() == set()
    (row,) = cdf.rows("/relationships", [f"{prefix}r"]).values()
    assert row["targetExternalId"] == "z"


def test_what_was_deleted_by_hand_is_made_anew(cdf: Cdf, prefix: str) -> None:
    items = [asset(f"{prefix}a"), asset(f"{prefix}b")]
    write(cdf.writer(), items)
    cdf.delete("/assets", f"{prefix}a")
    with cdf.requests() as sent:
        outcome = write(cdf.writer(), [], [asset(f"{prefix}a", name="x"), asset(f"{prefix}b", name="x")])
    assert [request.path for request in sent] == ["/assets/update", "/assets/update", "/datasets/byids", "/assets"]
    assert len(outcome.done) == 2
    assert {row["name"] for row in cdf.rows("/assets", [f"{prefix}a", f"{prefix}b"]).values()} == {"x"}


@pytest.mark.parametrize("place", [0, 499, 500, 999])
def test_one_bad_item_of_a_thousand_is_alone_after_twenty_calls(cdf: Cdf, prefix: str, place: int) -> None:
    items = [event(f"{prefix}{number}") for number in range(1000)]
    cdf.gateway.refuses = bad(items[place].external_id)
    writer = cdf.writer()
    with cdf.requests() as sent:
        outcome = write(writer, items)
    assert set(outcome.refused) == {items[place].id}
    assert "an item is bad" in outcome.refused[items[place].id]
    assert len(outcome.done) == 999
    calls = [request for request in sent if request.path == "/events"]
    assert len(calls) <= 1 + 20  # two for each of the ten halvings of a thousand
    with cdf.requests() as sent:
        outcome = write(writer, [], items[:300])
    assert set(outcome.refused) == ({items[place].id} if place < 300 else set())


def test_what_cdf_itself_refuses_is_told_in_its_words(cdf: Cdf, prefix: str) -> None:
    orphan = asset(f"{prefix}a", parent="nowhere")
    outcome = write(cdf.writer(), [asset(f"{prefix}b"), orphan, asset(f"{prefix}c")])
    assert list(outcome.refused) == [orphan.id]
    assert "nowhere" in outcome.refused[orphan.id]
    assert len(outcome.done) == 2
    outcome = write(cdf.writer(), [], [asset(f"{prefix}b", parent="nowhere"), asset(f"{prefix}c")])
    assert list(outcome.refused) == [f"a:{prefix}b"]


def test_a_bad_item_among_new_and_known_ones(cdf: Cdf, prefix: str) -> None:
    items = [event(f"{prefix}{number}") for number in range(40)]
    write(cdf.writer(), items[::3])
    cdf.gateway.refuses = bad(items[5].external_id, items[6].external_id)
    outcome = write(cdf.writer(), items[:20], items[20:])
    assert set(outcome.refused) == {items[5].id, items[6].id}
    assert outcome.done.keys() | outcome.refused.keys() == {item.id for item in items}


@pytest.mark.parametrize("path", ["/events", "/events/update"])
def test_a_lost_answer_does_no_harm(cdf: Cdf, prefix: str, path: str) -> None:
    items = [event(f"{prefix}{number}", k="v") for number in range(3)]
    if path != "/events":
        write(cdf.writer(), [event(item.external_id) for item in items])
    cdf.gateway.lost = [path]
    outcome = write(cdf.writer(), items) if path == "/events" else write(cdf.writer(), [], items)
    assert outcome == Outcome(done={item.id: () for item in items})
    rows = cdf.rows("/events", [item.external_id for item in items])
    assert [row["metadata"] for row in rows.values()] == [{"k": "v"}] * 3


def test_an_id_that_exists_and_does_not_is_refused_alone(cdf: Cdf, prefix: str) -> None:
    items = [event(f"{prefix}{number}") for number in range(3)]
    hidden = items[1]

    def refuses(path: str, rows: list[Row]) -> bool:
        return any(row.get("externalId") == hidden.external_id for row in rows)

    class Hiding:
        """Says 409 to the create, and that there is no such event to the update."""

        def __init__(self) -> None:
            self.post_to = cdf.api.post

        def post(self, path: str, body: Row, params: Row | None = None) -> Row:
            named = [{"externalId": hidden.external_id}]
            if path.startswith("/events") and refuses(path, body["items"]):
                if path == "/events":
                    raise RefusedError(409, "it exists", duplicated=named)
                raise RefusedError(400, "it does not exist", missing=named)
            return self.post_to(path, body, params)

        send = post

    writer = cdf.writer()
    writer._api = Hiding()  # type: ignore[assignment]  # this identity sees less than CDF knows
    outcome = write(writer, items)
    assert list(outcome.refused) == [hidden.id]
    assert len(outcome.done) == 2


def test_links_that_resolve_are_made_and_the_others_told(cdf: Cdf, prefix: str) -> None:
    late, there = f"{prefix}late", f"{prefix}there"
    write(cdf.writer(), [asset(there)])
    items = [
        event(f"{prefix}e1", there),
        event(f"{prefix}e2", there, late),
        event(f"{prefix}e3"),
        encode(TimeSeries(f"{prefix}t", "n", asset=late)),
    ]
    writer = cdf.writer()
    with cdf.requests() as sent:
        outcome = write(writer, items)
        write(writer, [], items)
    lacking = {items[1].id: (late,), items[3].id: (late,)}
    assert outcome.done == {item.id: lacking.get(item.id, ()) for item in items}
    asked = [item["externalId"] for request in sent if request.path == "/assets/byids" for item in request.items]
    assert sorted(asked) == sorted([there, late])  # once each, the unknown one too
    ids = {name: row["id"] for name, row in cdf.rows("/assets", [there, late]).items()}
    rows = cdf.rows("/events", [item.external_id for item in items[:3]])
    assert [rows[f"{prefix}e{n}"].get("assetIds", []) for n in (1, 2, 3)] == [[ids[there]], [ids[there]], []]

    write(cdf.writer(), [asset(late)])
    wanted = {items[1].id: [late, f"{prefix}never"], items[3].id: [late], f"e:{prefix}gone": [late], items[0].id: ["x"]}
    upkeep = cdf.upkeep()
    assert upkeep.link(wanted) == {}  # nothing is looked for
    cdf.resolver.assets([late, f"{prefix}never"])
    completed = upkeep.link(wanted)
    assert completed == {items[1].id: (f"{prefix}never",), items[3].id: (), f"e:{prefix}gone": ()}
    ids = {name: row["id"] for name, row in cdf.rows("/assets", [there, late]).items()}
    (row,) = cdf.rows("/events", [f"{prefix}e2"]).values()
    assert sorted(row["assetIds"]) == sorted(ids.values())
    (row,) = cdf.rows("/timeseries", [f"{prefix}t"]).values()
    assert row["assetId"] == ids[late]


@pytest.mark.parametrize("known", [True, False])
def test_an_asset_that_comes_later_in_the_run_is_found(cdf: Cdf, prefix: str, *, known: bool) -> None:
    first, second = event(f"{prefix}e1", f"{prefix}a"), event(f"{prefix}e2", f"{prefix}a")
    writer = cdf.writer()
    assert write(writer, [first]).done == {first.id: (f"{prefix}a",)}
    if known:
        write(cdf.writer(), [asset(f"{prefix}a")])
        cdf.resolver = writer._resolver
    write(writer, [asset(f"{prefix}a")])
    assert write(writer, [second]).done == {second.id: ()}


def test_parents_come_first_over_all_chunks(cdf: Cdf, prefix: str) -> None:
    chain = [asset(f"{prefix}0")] + [asset(f"{prefix}{n}", parent=f"{prefix}{n - 1}") for n in range(1, 4)]
    leaves = [asset(f"{prefix}leaf{n}", parent=f"{prefix}3") for n in range(1500)]
    with cdf.requests() as sent:
        outcome = write(cdf.writer(), [*leaves, *reversed(chain)])
    assert len(outcome.done) == 1504
    assert [len(request.items) for request in sent if request.path == "/assets"] == [1000, 504]
    assert [item["externalId"] for item in sent[1].items[:4]] == [item.external_id for item in chain]


def test_no_request_has_more_than_a_thousand_items(cdf: Cdf, prefix: str) -> None:
    items = [event(f"{prefix}e{n}", f"{prefix}a{n}") for n in range(2001)]
    writer, upkeep = cdf.writer(), cdf.upkeep()
    with cdf.requests() as sent:
        write(writer, items)
        write(writer, [], items)
        assert len(upkeep.existing([item.id for item in items])) == 2001
        upkeep.retire([item.id for item in items], NOW)
        upkeep.retire([f"r:{prefix}{n}" for n in range(1001)], NOW)
        cdf.resolver.assets([ROOT])
        upkeep.link({item.id: [ROOT] for item in items})
        write(writer, [encode(TimeSeries(f"{prefix}t{n}", "n")) for n in range(1001)])
        write(writer, [encode(Reading(f"{prefix}t{n}", 5.0)) for n in range(1001)])
    assert {request.path for request in sent} >= {"/assets/byids", "/relationships/delete", "/timeseries/data"}
    assert max(len(request.items) for request in sent if request.path != "/timeseries/data") == 1000


def test_retiring_marks_what_is_there_and_passes_over_what_is_gone(cdf: Cdf, prefix: str) -> None:
    items = [
        asset(f"{prefix}a", k="v"),
        event(f"{prefix}e", subtype="Open", k="v"),
        encode(TimeSeries(f"{prefix}t", "n")),
        encode(Relationship(f"{prefix}r", "x", "event", "y", "event")),
    ]
    write(cdf.writer(), items)
    gone = [f"{letter}:{prefix}gone" for letter in "aetr"]
    assert cdf.upkeep().retire([*(item.id for item in items), *gone], NOW) == {}
    (row,) = cdf.rows("/assets", [f"{prefix}a"]).values()
    assert row["metadata"] == {"k": "v", "plexState": "inactive"}
    (row,) = cdf.rows("/events", [f"{prefix}e"]).values()
    retracted = {"k": "v", "plexState": "retracted", "retractedTime": "2026-04-09T14:03:27.000Z"}
    assert (row["subtype"], row["metadata"]) == ("retracted", retracted)
    assert cdf.rows("/timeseries", [f"{prefix}t"])
    assert not cdf.rows("/relationships", [f"{prefix}r"])
    assert cdf.upkeep().existing([*(item.id for item in items), *gone]) == {item.id for item in items[:3]}

    write(cdf.writer(), [], items[:2])  # Plex has them again
    (row,) = cdf.rows("/assets", [f"{prefix}a"]).values()
    assert row["metadata"] == {"k": "v"}


def test_a_mark_that_cdf_refuses_is_told_and_the_others_are_set(cdf: Cdf, prefix: str) -> None:
    items = [event(f"{prefix}{n}") for n in range(9)]
    write(cdf.writer(), items)
    cdf.gateway.refuses = bad(items[4].external_id)
    refused = cdf.upkeep().retire([item.id for item in items], NOW)
    assert list(refused) == [items[4].id]
    cdf.gateway.refuses = lambda path, rows: False
    marked = cdf.rows("/events", [item.external_id for item in items])
    assert [row.get("subtype") for row in marked.values()].count("retracted") == 8


def test_readings_of_a_deleted_series_are_refused_in_one_more_call(cdf: Cdf, prefix: str) -> None:
    series = [encode(TimeSeries(f"{prefix}{n}", "n")) for n in range(100)]
    write(cdf.writer(), series)
    cdf.delete("/timeseries", *(item.external_id for item in series[::2]))
    readings = [encode(Reading(item.external_id, 5.0)) for item in series]
    with cdf.requests() as sent:
        outcome = write(cdf.writer(), readings)
    assert set(outcome.refused) == {item.id for item in readings[::2]}
    assert set(outcome.done) == {item.id for item in readings[1::2]}
    assert len(sent) == 2


def test_assets_whose_parent_is_not_coming_are_held_with_all_below_them(cdf: Cdf, prefix: str) -> None:
    items = [
        asset(f"{prefix}grandchild", parent=f"{prefix}child"),
        asset(f"{prefix}child", parent=f"{prefix}nowhere"),
        asset(f"{prefix}leaf", parent=f"{prefix}branch"),
        asset(f"{prefix}branch"),
        event(f"{prefix}e"),
    ]
    held = cdf.writer().held(items)
    assert held == {
        f"a:{prefix}child": f"its parent asset {prefix}nowhere is not in CDF yet",
        f"a:{prefix}grandchild": f"its parent asset {prefix}child is not in CDF yet",
    }


def test_nothing_is_begun_after_the_deadline(cdf: Cdf, prefix: str) -> None:
    items = [event(f"{prefix}{n}") for n in range(1500)]
    writer, outcome = cdf.writer(), Outcome()

    begin = cdf.time.now

    def late(path: str, rows: list[Row]) -> bool:
        cdf.time.now += 1000
        return False

    cdf.gateway.refuses = late
    with pytest.raises(OutOfTimeError):
        writer.write(items, [], NOW, outcome)
    assert outcome == Outcome(done={item.id: () for item in items[:1000]})
    cdf.gateway.refuses = lambda path, items: False
    cdf.time.now = begin
    assert cdf.upkeep().existing([item.id for item in items]) == set(outcome.done)


def test_nothing_is_looked_for_after_the_deadline(cdf: Cdf, prefix: str) -> None:
    upkeep = cdf.upkeep()
    with cdf.requests() as sent:
        cdf.time.now += 1000
        with pytest.raises(OutOfTimeError):
            upkeep.existing([f"e:{prefix}{n}" for n in range(1500)])
        with pytest.raises(OutOfTimeError):
            cdf.resolver.assets([prefix])
    assert sent == []


@pytest.mark.parametrize("action", ["write", "retire"])
def test_splitting_ends_at_the_deadline_too(cdf: Cdf, prefix: str, action: str) -> None:
    items = [event(f"{prefix}{n}") for n in range(1000)]
    writer, outcome = cdf.writer(), Outcome()
    if action == "retire":
        write(writer, items)

    def refuses(path: str, rows: list[Row]) -> bool:
        cdf.time.now += 10
        return path.startswith("/events")

    cdf.gateway.refuses = refuses
    actions: dict[str, Callable[[], object]] = {
        "write": lambda: writer.write(items, [], NOW, outcome),
        "retire": lambda: cdf.upkeep().retire([item.id for item in items], NOW),
    }
    with cdf.requests() as sent, pytest.raises(OutOfTimeError):
        actions[action]()
    assert len(sent) <= 43  # of 420 seconds, ten each
    assert outcome.done == {}


def test_a_missing_data_set_names_what_to_deploy(cdf: Cdf, prefix: str) -> None:
    with pytest.raises(ConfigurationError, match=r"data set plex_1_master does not exist.*facility\.pcn"):
        write(cdf.writer("plex_1_master"), [event(f"{prefix}e")])


def test_raw_rows_are_replaced_whole_and_read_back(cdf: Cdf, prefix: str) -> None:
    table, key = RawTable(cdf.api, "plex_340884", "state"), f"{prefix}a/b ?é"
    assert table.get(key) is None
    table.put({key: {"a": 1, "b": None}})
    table.put({key: {"a": {"c": ["😀", "half \ud83d", float("inf")]}}})
    assert table.get(key) == {"a": {"c": ["😀", "half ?", "Infinity"]}}
    with cdf.requests() as sent:
        table.put({f"{prefix}{n}": {"n": n} for n in range(ROWS_PER_WRITE + 1)})
    assert [len(request.items) for request in sent] == [ROWS_PER_WRITE, 1]
    assert len(dict(table.all())) == ROWS_PER_WRITE + 2
    table.delete([key, f"{prefix}unknown", *(f"{prefix}{n}" for n in range(ROWS_PER_WRITE + 1))])
    assert dict(table.all()) == {}
    table.delete([])
    table.put({})
