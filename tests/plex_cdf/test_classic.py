"""Resources as the classic API spells them: inside every limit, and only cut where they must be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plex_cdf.cdf.classic import ASSETS, EVENTS, READINGS, RELATIONSHIPS, SERIES, Item, encode
from plex_cdf.resources import Asset, Event, Reading, Relationship, Resource, TimeSeries

# Few letters and large sizes: what matters is where a limit falls. Lone surrogates too, which JSON can spell.
LETTERS = st.sampled_from(["a", "é", "€", "😀", "\ud83d", "\udc00", "\n"])


@st.composite
def texts(draw: st.DrawFn, longest: int) -> str:
    """Short texts, and texts around the limit, with any letter at the border."""
    size = draw(st.one_of(st.integers(0, 12), st.integers(max(0, longest - 8), longest + 8)))
    return "x" * max(0, size - 6) + draw(st.text(LETTERS, max_size=min(size, 12)))


@st.composite
def metadata(draw: st.DrawFn, value: int, total: int) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number in range(draw(st.integers(0, 4))):
        key = draw(st.one_of(st.just(f"key{number}"), texts(128).map(lambda text: text or "k")))
        pairs[key] = draw(texts(draw(st.sampled_from([10, value, total // 3]))))
    if draw(st.integers(0, 9)) == 0:
        pairs |= {f"many{number}": "v" for number in range(draw(st.integers(250, 258)))}
    if draw(st.integers(0, 19)) == 0:
        pairs |= {f"{number:03}" + "k" * 125: "v" * (number % 3) for number in range(total // 128 + 3)}
    return pairs


IDS = st.text("abcXYZ019_", min_size=1, max_size=20)
TIMES = st.one_of(st.none(), st.integers(0, 10))
ASSET = st.builds(Asset, IDS, texts(140), IDS, st.one_of(st.none(), texts(500)), metadata(10_240, 10_240))
EVENT = st.builds(
    Event,
    IDS,
    texts(64),
    st.one_of(st.none(), texts(64)),
    TIMES,
    TIMES,
    st.one_of(st.none(), texts(500)),
    st.lists(IDS, max_size=3).map(tuple),
    metadata(128_000, 200_000),
)
SERIES_OF = st.builds(
    TimeSeries,
    IDS,
    texts(255),
    st.one_of(st.none(), texts(32)),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), IDS),
    st.one_of(st.none(), texts(500)),
    metadata(10_000, 10_000),
)
LIMITS: Mapping[type[Resource], dict[str, int]] = {
    Asset: {"name": 140, "description": 500, "source": 128, "value": 10_240, "total": 10_240},
    Event: {"type": 64, "subtype": 64, "description": 500, "source": 128, "value": 128_000, "total": 200_000},
    TimeSeries: {"name": 255, "unit": 32, "description": 500, "value": 10_000, "total": 10_000},
}
ADDED = {"fullName": "name", "fullDescription": "description"}


def size(text: str) -> int:
    return len(text.encode())  # raises for half a character


def utf8(text: str) -> str:
    return text.encode(errors="replace").decode()


def is_cut(item: Item, resource: Any) -> bool:
    """Whether a text of the item is shorter than the resource's."""
    own = {utf8(key): utf8(value) for key, value in resource.metadata.items()}
    kept = {key: value for key, value in item.body["metadata"].items() if key in own or key not in ADDED}
    texts_of = ("name", "unit", "type", "subtype", "description")
    pairs = [(item.body.get(name) or "", utf8(getattr(resource, name, None) or "")) for name in texts_of]
    return kept != own or any(short != full for short, full in pairs if (short, full) != ("?", ""))


@given(st.one_of(ASSET, EVENT, SERIES_OF))
@example(Asset("a", "x" * 139 + "😀", "p", "d" * 498 + "€"))
@example(Event("e", "t", metadata={"k" * 129: "v"}))
@example(TimeSeries("t", "", metadata={"k": "\ud800"}))
def test_every_limit_holds_and_truncated_tells_when_something_was_cut(resource: Asset | Event | TimeSeries) -> None:
    item, limits = encode(resource), LIMITS[type(resource)]
    for name, value in item.body.items():
        if name in limits:
            assert 1 <= size(value) <= limits[name]
    pairs = item.body["metadata"]
    assert len(pairs) <= 256
    assert all(size(key) <= 128 and size(value) <= limits["value"] for key, value in pairs.items())
    assert sum(size(key) + size(value) for key, value in pairs.items()) <= limits["total"]
    if len({utf8(key) for key in resource.metadata}) == len(resource.metadata):
        assert item.truncated == is_cut(item, resource)
    for full, name in ADDED.items():
        if full in pairs and full not in resource.metadata:
            assert pairs[full] == utf8(getattr(resource, name))
            assert size(item.body[name]) < size(pairs[full])


def test_a_full_name_and_description_are_kept_where_they_fit() -> None:
    name, description = "n" * 600, "d" * 2000
    item = encode(Asset("a", name, "p", description, {"k": "v"}))
    assert (item.body["name"], item.body["description"]) == ("n" * 140, "d" * 500)
    assert item.body["metadata"] == {"k": "v", "fullName": name, "fullDescription": description}
    assert item.truncated
    full = {"k": "v" * (10_240 - 1 - len("fullName") - 600)}
    assert encode(Asset("a", name, "p", description, full)).body["metadata"] == {**full, "fullName": name}
    assert encode(Asset("a", name, "p", None, {"k": full["k"] + "v"})).body["metadata"] == {"k": full["k"] + "v"}
    assert encode(TimeSeries("t", name)).body["metadata"] == {"fullName": name}
    assert encode(Event("e", "t", description=description)).body["metadata"] == {"fullDescription": description}


def test_the_longest_value_gives_way_first() -> None:
    pairs = encode(Asset("a", "n", "p", metadata={"short": "s" * 100, "long": "l" * 10_200})).body["metadata"]
    assert pairs["short"] == "s" * 100
    assert len(pairs["long"]) == 10_240 - 100 - len("short") - len("long")


def test_nothing_is_written_for_what_is_empty() -> None:
    assert encode(Asset("a", "", "p", "")).body == {
        "name": "?",
        "parentExternalId": "p",
        "source": "Plex",
        "metadata": {},
    }
    assert encode(Event("e", "t")).body == {"type": "t", "source": "Plex", "metadata": {}}


@pytest.mark.parametrize(
    ("start", "end", "written", "reordered"),
    [
        (5, 9, {"startTime": 5, "endTime": 9}, False),
        (9, 5, {"startTime": 5, "endTime": 5}, True),
        (5, 5, {"startTime": 5, "endTime": 5}, False),
        (None, 5, {"endTime": 5}, False),
        (5, None, {"startTime": 5}, False),
        (0, -1, {"startTime": -1, "endTime": -1}, True),
    ],
)
def test_no_event_ends_before_it_starts(start: int | None, end: int | None, written: Any, *, reordered: bool) -> None:
    item = encode(Event("e", "t", start=start, end=end))
    assert {key: item.body[key] for key in ("startTime", "endTime") if key in item.body} == written
    assert item.reordered is reordered


def test_references_are_links_and_ids_tell_the_kind() -> None:
    event, series = encode(Event("e", "t", assets=("a1", "a2"))), encode(TimeSeries("t", "n", asset="a1"))
    assert (event.kind, event.id, event.links) == (EVENTS, "e:e", ("a1", "a2"))
    assert (series.kind, series.id, series.links) == (SERIES, "t:t", ("a1",))
    assert (encode(Asset("x", "n", "p")).kind, encode(TimeSeries("t", "n")).links) == (ASSETS, ())
    link = encode(Relationship("r", "a", "asset", "e", "event"))
    assert (link.kind, link.body["sourceExternalId"], link.body["targetType"]) == (RELATIONSHIPS, "a", "event")
    reading = encode(Reading("t", 5.0, only_if_known=True))
    assert (reading.kind, reading.id, reading.only_if_known) == (READINGS, "d:t", True)


SOME: list[tuple[Any, dict[str, Any]]] = [
    (
        Asset("a", "n", "p", "d", {"k": "v"}),
        {"name": "n2", "parent": "p2", "description": "d2", "metadata": {"k": "v2"}},
    ),
    (
        Event("e", "t", "s", 1, 2, "d", ("a",), {"k": "v"}),
        {
            "type": "t2",
            "subtype": "s2",
            "start": 0,
            "end": 3,
            "description": None,
            "assets": ("a", "b"),
            "metadata": {"k2": "v"},
        },
    ),
    (
        TimeSeries("t", "n", "u", asset="a", description="d"),
        {
            "name": "n2",
            "unit": None,
            "is_string": True,
            "is_step": False,
            "asset": None,
            "description": "d2",
            "metadata": {"k": ""},
        },
    ),
    (
        Relationship("r", "a", "asset", "e", "event"),
        {"source": "a2", "source_type": "event", "target": "e2", "target_type": "asset"},
    ),
    (Reading("t", 5.0), {"value": 6.0}),
]


@pytest.mark.parametrize(("resource", "changes"), SOME, ids=lambda value: type(value).__name__)
def test_the_hash_is_stable_and_tells_every_change(resource: Any, changes: dict[str, Any]) -> None:
    assert encode(resource).hash == encode(replace(resource)).hash
    hashes = {encode(replace(resource, **{name: value})).hash for name, value in changes.items()}
    assert len(hashes | {encode(resource).hash}) == len(changes) + 1


def test_the_order_of_metadata_is_no_change() -> None:
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert encode(Event("e", "t", metadata=one)).hash == encode(Event("e", "t", metadata=other)).hash
