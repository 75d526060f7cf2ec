"""Classic resources agree with a dict."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_resource import Kind, agrees, pairs, requests_of
from model_world import Row, new_world, with_examples

pytestmark = pytest.mark.source("SDK _api_client.py, data_classes/_base.py; API: create, update and delete events")

short = st.text(alphabet="aé\N{GRINNING FACE} ", max_size=4)
times = st.integers(0, 5)


def _series(row: Row) -> Row:
    """Without its type, which must say what `isString` says."""
    assert row["type"] == ("string" if row["isString"] else "numeric")
    return {name: value for name, value in row.items() if name != "type"}


def _sequence(row: Row) -> Row:
    """Without the stamps of its columns."""
    columns = [{name: column[name] for name in ("externalId", "valueType")} for column in row["columns"]]
    return row | {"columns": columns}


EVENTS = Kind(
    "/events",
    {"type": short, "description": short, "startTime": times, "endTime": times, "metadata": pairs},
    invalid=({"externalId": "a", "type": "é" * 33}, {"externalId": "b", "unknown": 1}, {"externalId": "é" * 128}),
)
TIME_SERIES = Kind(
    "/timeseries",
    {"name": short, "unit": short, "isStep": st.booleans(), "isString": st.booleans(), "metadata": pairs},
    defaults={"isStep": False, "isString": False},
    fixed=frozenset({"isString"}),
    not_null=frozenset({"isStep"}),
    shape=_series,
    invalid=({"externalId": "a", "unit": "x" * 33}, {"externalId": "a", "isString": "yes"}),
)
SEQUENCES = Kind(
    "/sequences",
    {"name": short, "description": short, "metadata": pairs},
    required={"columns": [{"externalId": "c", "valueType": "LONG"}]},
    invalid=({"externalId": "a", "columns": []}, {"externalId": "a"}),
    shape=_sequence,
)
FILES = Kind(
    "/files",
    {"source": short, "directory": short, "mimeType": short, "metadata": pairs},
    required={"name": "n"},
    defaults={"uploaded": False},
    invalid=({"externalId": "a"}, {"externalId": "a", "name": "x" * 257}),
    single_create=True,
)
RELATIONSHIPS = Kind(
    "/relationships",
    {"confidence": st.sampled_from([0, 0.5, 1]), "startTime": times, "endTime": times},
    required={"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "timeSeries"},
    invalid=({"externalId": "a", "sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t"},),
    shortest=1,
)
DATA_SETS = Kind(
    "/datasets",
    {"name": st.sampled_from(["n", "é" * 25]), "writeProtected": st.booleans(), "metadata": pairs},
    defaults={"metadata": {}, "writeProtected": False},
    not_null=frozenset({"writeProtected"}),
    invalid=({"externalId": "a", "name": "é" * 26},),
    can_delete=False,
)
KINDS = [EVENTS, TIME_SERIES, SEQUENCES, FILES, RELATIONSHIPS, DATA_SETS]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
def test_a_resource_agrees_with_its_model(kind: Kind) -> None:
    @with_examples
    @given(requests_of(kind))
    def run(steps: list[tuple[str, Any]]) -> None:
        with new_world() as world:
            agrees(kind, world, steps)

    run()
