"""The records against Plex's contract, and mappings against whatever the contract allows."""

import json
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory import INVENTORY, InventorySettings
from jobs import JOBS, JobsSettings
from master_data import MASTER_DATA, MasterDataSettings
from plex_cdf.config import Facility
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import HistoryRecord, Instant, Record
from plex_cdf.resources import Datapoint, Event, Level, Reading, SequenceLine, TimeSeries
from plex_cdf.stream import Changes, Children, OpenAndClosed, Stream, Whole, Windows
from production import PRODUCTION, ProductionSettings
from quality import QUALITY, QualitySettings

CONTRACT = Path(__file__).parents[3] / "shared" / "reference" / "plex-endpoints.json"
NAMING = Naming(340884)
FACILITY = Facility(pcn=340884, tenantId=UUID("97016117-143c-5059-babf-7d1e7b3a8e7e"))
HISTORY: dict[str, Any] = {"facility": FACILITY, "startDate": "2024-03-01"}
STREAMS: list[Stream[Any]] = [
    *MASTER_DATA.streams(MasterDataSettings(facility=FACILITY)),
    *JOBS.streams(JobsSettings(facility=FACILITY)),
    *PRODUCTION.streams(ProductionSettings(**HISTORY)),
    *INVENTORY.streams(InventorySettings(**HISTORY)),
    *QUALITY.streams(QualitySettings(**HISTORY)),
]
every_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)

TYPES = {
    "string": str,
    "string:uuid": str,
    "string:date-time": Instant,
    "number": float,
    "number:double": float,
    "integer:int32": int,
    "boolean": bool,
}
# Where a record takes a number with decimals though the contract says that there are none.
WIDER = {("PartOperation", "multiple"), ("StatusEntry", "duration")}
# Few values of each kind: what matters is which of a row's fields are null together.
PLAIN: dict[Any, list[Any]] = {
    str: ["", "A-100", "0190a9d4-7f7e-7c3a-9d5e-2f1c4b6a8e01", 4711],
    float: [0.0, -25.5, 1e12],
    int: [0, -1, "10"],
    bool: [True, False],
    Any: ["x", 1.5, {"a": 1}],
    Instant: ["2024-03-01T10:00:00.1234567Z", "1970-01-01T00:00Z"],
}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip(f"the contract of the Plex API is not here: {CONTRACT}")
    content: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return content


def endpoint(stream: Stream[Any], contract: dict[str, Any]) -> dict[str, Any]:
    assert isinstance(stream.read, Whole | Changes | OpenAndClosed | Children | Windows)
    method = "POST" if isinstance(stream.read, Whole) and stream.read.body is not None else "GET"
    found: dict[str, Any] = contract[f"{method} {stream.read.path}".replace("{key}", "{id}")]
    return found


def compare(record: type[Record], row: dict[str, Any]) -> None:
    """A record declares exactly the fields of a row, each with its type, also inside of others."""
    declared = {field.alias or name: field.annotation for name, field in record.model_fields.items()}
    if issubclass(record, HistoryRecord):
        del declared["rowKey"]
    assert set(declared) == set(row)
    for name, kind in row.items():
        inner = without_null(declared[name])
        if isinstance(kind, list):
            (inner,) = [part for part in get_args(inner) if part is not Ellipsis]
            kind = kind[0]  # noqa: PLW2901
        if isinstance(kind, dict):
            assert issubclass(inner, Record)
            compare(inner, kind)
        elif kind != "any" and (record.__name__, name) not in WIDER:
            assert inner is TYPES[kind], name


def without_null(annotation: Any) -> Any:
    if get_origin(annotation) is not UnionType:
        return annotation
    (inner,) = [part for part in get_args(annotation) if part is not type(None)]
    return inner


@every_stream
def test_a_record_declares_every_field_of_its_endpoint(stream: Stream[Any], contract: dict[str, Any]) -> None:
    (row,) = endpoint(stream, contract)["responses"]["200"]
    compare(stream.record, row)
    keys = (stream.key,) if isinstance(stream.key, str) else stream.key
    assert set(keys) <= set(row)
    if not isinstance(stream.key, str):
        # Ids and instants, and the serial number of a container, which is its key.
        assert all(row[key] in {"string:uuid", "string:date-time"} or key == "serialNo" for key in keys)


@every_stream
def test_parameters_exist(stream: Stream[Any], contract: dict[str, Any]) -> None:
    known = endpoint(stream, contract)
    parameters = {parameter["name"]: parameter["required"] for parameter in known["params"]}
    match stream.read:
        case Windows() as read:
            assert {read.begin, read.end} <= set(parameters)
            assert known["responses"]["200"][0][read.instant] == "string:date-time"
            assert {name for name, required in parameters.items() if required} <= {read.begin, read.end}
        case Children(parameter=str() as parameter):
            assert parameters[parameter]
        case Children():
            assert "{key}" in stream.read.path
        case Whole():
            assert not any(parameters.values())


@every_stream
def test_what_names_the_domain_and_the_stream_is_in_order(stream: Stream[Any]) -> None:
    assert [other.name for other in STREAMS].count(stream.name) == 1
    assert stream.domain in {"master", "scheduling", "production", "inventory", "quality"}
    assert issubclass(stream.record, HistoryRecord) == (not isinstance(stream.key, str))


def rows(record: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Rows as Plex may send them: any field but the key may be null."""
    return st.fixed_dictionaries(
        {
            field.alias or name: st.just("K-1")
            if field.is_required()
            else st.one_of(st.none(), values_of(without_null(field.annotation)))
            for name, field in record.model_fields.items()
        }
    )


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=2)
    return rows(kind) if isinstance(kind, type) and issubclass(kind, Record) else st.sampled_from(PLAIN[kind])


@every_stream
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_row_that_plex_may_send_is_mapped(stream: Stream[Any], data: st.DataObject) -> None:
    row = data.draw(rows(stream.record))
    record = stream.record.model_validate(row)

    made = list(stream.map(record, NAMING))

    ids = [(type(each), each.external_id) for each in made if hasattr(each, "external_id")]
    assert len(set(ids)) == len(ids)
    for each in made:
        if isinstance(each, Event):
            # What is gone from Plex is found in CDF by this id.
            assert each.external_id == NAMING.id(stream.kind, "K-1")
        assert all(isinstance(text, str) and text for text in getattr(each, "metadata", {}).values())
        if isinstance(each, SequenceLine):
            assert len(each.values) == len(each.columns)
    # A point never comes without its series; one that closes a series needs none.
    points = {
        each.series
        for each in made
        if isinstance(each, Datapoint | Level | Reading) and not getattr(each, "only_if_known", False)
    }
    assert points <= {each.external_id for each in made if isinstance(each, TimeSeries)}
    # Metadata hold every value.
    metadata = record.metadata()
    told = {name for name, value in row.items() if name != "rowKey" and holds(value)}
    assert {name.split(".")[0] for name in metadata} == told


def holds(value: Any) -> bool:
    """Whether there is anything to be told."""
    if isinstance(value, dict):
        return any(holds(inner) for inner in value.values())
    return any(inner not in (None, "") for inner in value) if isinstance(value, list) else value not in (None, "")
