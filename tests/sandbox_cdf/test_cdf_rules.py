"""Rules of single resources that the SDK's own integration tests rely on.

Sources: cognite-sdk-python `tests_integration/test_api` (test_files, test_sequences, test_sequences_data,
test_relationships, test_extraction_pipelines, test_raw) and the docstrings of `_api` and `data_classes`.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client.data_classes import (
    ExtractionPipelineContact,
    ExtractionPipelineRunWrite,
    ExtractionPipelineUpdate,
    ExtractionPipelineWrite,
    RelationshipUpdate,
    RelationshipWrite,
    SequenceColumnUpdate,
    SequenceColumnWrite,
    SequenceUpdate,
    SequenceWrite,
)
from cognite.client.data_classes.extractionpipelines import ExtractionPipelineNotificationConfiguration
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import Cdf


@pytest.mark.source("SDK tests test_files.py")
def test_download_links_carry_the_name_that_was_asked_for(cdf: Cdf) -> None:
    one = cdf.client.files.upload_bytes(b"1", name="one", external_id="one")
    cdf.client.files.upload_bytes(b"2", name="two", external_id="two")
    links = cdf.client.files.retrieve_download_urls(id=one.id, external_id="two", extended_expiration=True)
    assert links.keys() == {one.id, "two"}


@pytest.mark.source("SDK tests test_files.py")
def test_a_file_can_come_in_parts(cdf: Cdf) -> None:
    files = cdf.client.files
    with files.multipart_upload_session(name="f", parts=2, external_id="f", overwrite=True) as session:
        session.upload_part(1, b"world")
        assert files.retrieve(external_id="f").uploaded is False
        session.upload_part(0, b"hello ")
    assert files.download_bytes(external_id="f") == b"hello world"
    done = {"id": session.file_metadata.id, "uploadId": session._upload_id}
    assert cdf.refused("/files/completemultipartupload", done)["code"] == 400
    assert cdf.refused("/files/initmultipartupload?parts=251", {"name": "g"})["code"] == 400
    assert len(files.list()) == 1
    _, started = cdf.post("/files/multiuploadlink?parts=1", {"items": [{"externalId": "f"}]})
    (link,) = started["items"][0]["uploadUrls"]
    assert requests.put(link.replace("part=0", "part=1"), data=b"x", timeout=10).status_code == 403


@pytest.mark.source("SDK tests test_files.py")
def test_files_are_downloaded_into_folders(cdf: Cdf, tmp_path: Any) -> None:
    cdf.client.files.upload_bytes("æøå", name="f.txt", external_id="f", directory="/a/b")
    cdf.client.files.download(tmp_path, external_id="f", keep_directory_structure=True)
    assert (tmp_path / "a" / "b" / "f.txt").read_text(encoding="utf-8") == "æøå"
    assert [each.external_id for each in cdf.client.files.list(directory_prefix="/a")] == ["f"]


@pytest.mark.source("SDK data_classes/shared.py; Assumed: a search by place is not modelled")
def test_places_are_kept_and_not_searched(cdf: Cdf) -> None:
    place = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}
    (asset,) = cdf.items("/assets", {"name": "x", "geoLocation": place})
    assert asset["geoLocation"] == place
    for path in ("/assets/list", "/files/list"):
        assert "places" in cdf.refused(path, {"filter": {"geoLocation": {"relation": "WITHIN"}}})["message"]


@pytest.fixture
def table(cdf: Cdf) -> Cdf:
    columns = [{"externalId": "a", "valueType": "String"}, {"externalId": "b", "valueType": "Long"}]
    cdf.items("/sequences", {"externalId": "s", "columns": columns})
    cdf.client.sequences.data.insert({1: ["x", 10]}, ["a", "b"], external_id="s")
    return cdf


@pytest.mark.source("SDK tests test_sequences.py")
def test_value_types_are_answered_in_capitals(table: Cdf) -> None:
    assert table.client.sequences.retrieve(external_id="s").column_value_types == ["STRING", "LONG"]


@pytest.mark.source("SDK tests test_sequences.py")
def test_values_follow_a_renamed_column_and_go_with_a_removed_one(table: Cdf) -> None:
    api = table.client.sequences
    renamed = SequenceColumnUpdate(external_id="b").external_id.set("c")
    api.update(SequenceUpdate(external_id="s").columns.modify([renamed]))
    assert dict(api.data.retrieve(external_id="s", columns=["c"]).items()) == {1: [10]}
    api.update(SequenceUpdate(external_id="s").columns.remove("c"))
    api.update(SequenceUpdate(external_id="s").columns.add({"externalId": "c", "valueType": "LONG"}))
    assert dict(api.data.retrieve(external_id="s").items()) == {1: ["x", None]}


@pytest.mark.source("SDK data_classes/sequences.py")
@pytest.mark.parametrize(
    "columns",
    [
        {"add": [{"externalId": "a"}]},
        {"remove": [{"externalId": "a"}, {"externalId": "b"}]},
        {"modify": [{"externalId": "a", "update": {"externalId": {"set": "b"}}}]},
        {"modify": [{"externalId": "a", "update": {"valueType": {"set": "LONG"}}}]},
        {"set": []},
    ],
)
def test_columns_stay_distinct_and_some(table: Cdf, columns: dict[str, Any]) -> None:
    body = {"items": [{"externalId": "s", "update": {"columns": columns, "name": {"set": "new"}}}]}
    assert table.refused("/sequences/update", body)["code"] in {400, 409}
    assert table.client.sequences.retrieve(external_id="s").name is None


@pytest.mark.source("SDK tests test_sequences.py")
def test_an_upsert_changes_columns(table: Cdf) -> None:
    columns = [SequenceColumnWrite("b", value_type="LONG", name="B"), SequenceColumnWrite("d", value_type="DOUBLE")]
    table.client.sequences.upsert(SequenceWrite(external_id="s", columns=columns), mode="replace")
    found = table.client.sequences.retrieve(external_id="s").columns
    assert {column.external_id: column.name for column in found} == {"b": "B", "d": None}


@pytest.mark.source("SDK tests test_sequences_data.py")
def test_pages_of_wide_rows_are_shorter(cdf: Cdf) -> None:
    columns = [{"externalId": str(n), "valueType": "LONG"} for n in range(200)]
    cdf.items("/sequences", {"externalId": "wide", "columns": columns})
    for start in (0, 400):
        rows = [{"rowNumber": n, "values": list(range(200))} for n in range(start, start + 400)]
        cdf.post("/sequences/data", {"items": [{"externalId": "wide", "rows": rows}]})
    _, page = cdf.post("/sequences/data/list", {"externalId": "wide", "limit": 10_000})
    assert (len(page["rows"]), page["nextCursor"]) == (300, "300")
    assert len(cdf.client.sequences.data.retrieve(external_id="wide")) == 800
    assert cdf.refused("/sequences/data/list", {"externalId": "wide", "columns": ["x"]})["code"] == 400


@pytest.mark.source("SDK tests test_relationships.py")
def test_relationship_types_come_in_any_case(cdf: Cdf) -> None:
    api = cdf.client.relationships
    made = api.create(RelationshipWrite("r", "a", "asset", "t", "timeseries"))
    assert made.target_type == "timeSeries"
    assert api.update(RelationshipUpdate("r").target_type.set("EVENT")).target_type == "event"
    assert len(api.list(target_types=["Event"])) == 1
    assert len(api.list(partitions=5, limit=None)) == 1


@pytest.fixture
def pipeline(cdf: Cdf) -> Cdf:
    (data_set,) = cdf.items("/datasets", {"externalId": "ds"})
    cdf.client.extraction_pipelines.create(
        ExtractionPipelineWrite(
            external_id="p",
            name="P",
            data_set_id=data_set["id"],
            schedule="Continuous",
            contacts=[ExtractionPipelineContact("Ada", "ada@example.com", "owner", send_notification=True)],
            notification_config=ExtractionPipelineNotificationConfiguration(allowed_not_seen_range_in_minutes=30),
        )
    )
    return cdf


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_a_pipeline_tells_of_its_last_runs(pipeline: Cdf) -> None:
    api = pipeline.client.extraction_pipelines
    new = api.retrieve(external_id="p")
    assert (new.last_seen, new.last_success, new.last_failure, new.last_message) == (0, 0, 0, None)
    api.runs.create(ExtractionPipelineRunWrite("p", "seen"))
    seen = api.retrieve(external_id="p")
    assert (seen.last_seen > 0, seen.last_success, seen.last_failure) == (True, 0, 0)
    api.runs.create(ExtractionPipelineRunWrite("p", "failure", message="Oh no!"))
    failed = api.retrieve(external_id="p")
    assert (failed.last_failure > 0, failed.last_message) == (True, "Oh no!")


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_runs_come_latest_first_and_can_be_filtered(pipeline: Cdf) -> None:
    runs = pipeline.client.extraction_pipelines.runs
    for status, when in (("failure", 5000), ("success", 1000), ("failure", 3000)):
        run = {"externalId": "p", "status": status, "message": f"{status} {when}", "createdTime": when}
        pipeline.items("/extpipes/runs", run)
    assert [run.created_time for run in runs.list("p")] == [5000, 3000, 1000]
    assert [run.created_time for run in runs.list("p", statuses="failure", limit=1)] == [5000]
    assert [run.created_time for run in runs.list("p", message_substring="3000")] == [3000]
    assert list(runs.list("p", created_time="24h-ago")) == []


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_contacts_and_notifications_of_a_pipeline(pipeline: Cdf) -> None:
    api = pipeline.client.extraction_pipelines
    assert api.retrieve(external_id="p").contacts[0].send_notification is True
    new = {"name": "Bo", "email": "bo@example.com", "role": "owner", "sendNotification": False}
    changed = api.update(ExtractionPipelineUpdate(external_id="p").contacts.add([new]))
    assert [contact.name for contact in changed.contacts] == ["Ada", "Bo"]
    assert changed.notification_config.allowed_not_seen_range_in_minutes == 30
    assert api.update(ExtractionPipelineUpdate(external_id="p").metadata.set({})).metadata is None


@pytest.mark.source("Toolkit yaml_classes/extraction_pipeline.py")
@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "now and then"},
        {"name": "x" * 141},
        {"documentation": "x" * 10_001},
        {"source": "x" * 256},
        {"dataSetId": 5},
        {"notificationConfig": {"allowedNotSeenRangeInMinutes": -1}},
        {"contacts": [{"name": 1}]},
        {"rawTables": [{"dbName": "d"}]},
    ],
)
def test_what_pipelines_refuse(pipeline: Cdf, change: dict[str, Any]) -> None:
    data_set = pipeline.client.data_sets.retrieve(external_id="ds").id
    item = {"externalId": "q", "name": "q", "dataSetId": data_set} | change
    assert pipeline.refused("/extpipes", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK data_classes/extractionpipelines.py")
def test_a_run_is_refused_whole(pipeline: Cdf) -> None:
    good = {"externalId": "p", "status": "success"}
    for bad in ({"status": "done"}, {"message": "é" * 501}, {"externalId": "unknown"}):
        assert pipeline.refused("/extpipes/runs", {"items": [good, good | bad]})["code"] == 400
    assert list(pipeline.client.extraction_pipelines.runs.list("p")) == []


@pytest.mark.source("SDK tests test_raw.py")
def test_raw_says_what_exists_already(cdf: Cdf) -> None:
    cdf.post("/raw/dbs/db/tables?ensureParent=true", {"items": [{"name": "t"}]})
    with pytest.raises(CogniteAPIError, match="already created"):
        cdf.client.raw.tables.create("db", "t")
    with pytest.raises(CogniteAPIError, match="not found"):
        cdf.client.raw.tables.delete("db", "unknown")
