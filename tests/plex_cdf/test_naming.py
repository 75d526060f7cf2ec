"""External ids, cutting, and Plex values as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.errors import DataError
from plex_cdf.naming import EXTERNAL_ID_BYTES, Naming, as_text, cut, iso

WHOLE_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ANY_TEXT = st.text(st.characters())  # lone surrogates too, which JSON can spell
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)


@given(WHOLE_TEXT, st.integers(0, 40))
def test_cut_is_the_longest_beginning_that_fits(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert text.startswith(short)
    assert short == text or len(text[: len(short) + 1].encode()) > limit
    assert cut(short, limit) == short


@given(ANY_TEXT, st.integers(0, 40))
def test_cut_makes_any_text_utf8(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert len(short) <= len(text)
    assert cut(short, limit) == short


def test_cut_leaves_no_half_emoji() -> None:
    assert [cut("a😀b", limit) for limit in range(7)] == ["", "a", "a", "a", "a", "a😀", "a😀b"]


@given(KEYS, KEYS)
def test_ids_are_different_for_different_keys(one: str, other: str) -> None:
    naming = Naming(340884)
    assert (naming.id("PART", one) == naming.id("PART", other)) == (one == other)


def test_every_name_carries_the_facility() -> None:
    naming = Naming(340885)
    assert naming.id("JOB", "7a", "_PROGRESS") == "PCN340885_JOB_7a_PROGRESS"
    assert naming.branch("PARTS_LIBRARY") == "PCN340885_PARTS_LIBRARY"
    assert naming.data_set("master") == "plex_340885_master"
    assert (naming.database, naming.space) == ("plex_340885", "plex_340885")


@pytest.mark.parametrize("character", ["x", "é", "😀"])
def test_an_id_has_at_most_255_bytes(character: str) -> None:
    naming = Naming(340884)
    room = EXTERNAL_ID_BYTES - len(naming.id("PART", "").encode())
    fits = character * (room // len(character.encode()))
    assert naming.id("PART", fits).endswith(fits)
    with pytest.raises(DataError, match=rf"part has {len((fits + character).encode())} bytes"):
        naming.id("PART", fits + character)


@pytest.mark.parametrize(("key", "what"), [("a\0b", "NUL"), ("a\ud800b", "half a character")])
def test_what_no_id_may_hold_is_refused_with_its_size(key: str, what: str) -> None:
    with pytest.raises(DataError, match=rf"job, of 3 bytes, holds .*{what}"):
        Naming(340884).id("JOB", key)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (25, "25"), (25.0, "25"), (25.5, "25.5"), (0.0, "0"), (" x ", " x ")],
)
def test_values_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1775743407123, "2026-04-09T14:03:27.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62135596800000, "0001-01-01T00:00:00.000Z"),
        (253402300799999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_instants_as_text(timestamp: int, text: str) -> None:
    assert iso(timestamp) == text
