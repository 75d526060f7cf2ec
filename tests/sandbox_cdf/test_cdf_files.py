"""Files: metadata, upload whole and in parts, and download by links."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import requests
from cognite.client.data_classes import FileMetadataUpdate, FileMetadataWrite
from sandbox_cdf_client import Cdf


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as content:
        content.writestr("handler.py", "def handle(): ...")
    return buffer.getvalue()


@pytest.mark.source("SDK _api/files.py; Toolkit resource_ios/_file.py")
def test_create_upload_and_read_back(cdf: Cdf) -> None:
    status, created = cdf.post(
        "/files?overwrite=true", {"externalId": "f", "name": "f.zip", "mimeType": "application/zip"}
    )
    assert status == 201
    assert created["uploadUrl"].startswith(cdf.url)
    assert created["uploaded"] is False
    (found,) = cdf.items("/files/byids", {"id": created["id"]})
    assert found["uploaded"] is False
    assert "uploadUrl" not in found
    assert cdf.refused("/files/downloadlink", {"items": [{"externalId": "f"}]})["code"] == 400
    put = requests.put(created["uploadUrl"], data=archive(), headers={"Content-Type": "application/zip"}, timeout=10)
    assert put.status_code == 200
    (found,) = cdf.items("/files/byids", {"externalId": "f"})
    assert found["uploaded"] is True
    assert found["uploadedTime"] >= found["createdTime"]
    (link,) = cdf.items("/files/downloadlink", {"externalId": "f"})
    got = requests.get(link["downloadUrl"], timeout=10)
    assert (got.content, got.headers["content-type"]) == (archive(), "application/zip")


@pytest.mark.source("SDK _api/files.py")
def test_overwrite_keeps_the_id_and_drops_the_content(cdf: Cdf) -> None:
    first = cdf.client.files.upload_bytes(b"one", name="f", external_id="f", source="a")
    assert cdf.client.files.download_bytes(external_id="f") == b"one"
    error = cdf.refused("/files", {"name": "f", "externalId": "f"})
    assert (error["code"], error["duplicated"]) == (409, [{"externalId": "f"}])
    _, again = cdf.post("/files?overwrite=true", {"name": "g", "externalId": "f"})
    assert (again["id"], again["uploaded"], again["name"]) == (first.id, False, "g")
    assert "source" not in again
    cdf.client.files.upload_bytes(b"two", name="f", external_id="f", overwrite=True)
    assert cdf.client.files.download_bytes(external_id="f") == b"two"


@pytest.mark.source("SDK data_classes/files.py")
def test_update_list_and_delete(cdf: Cdf) -> None:
    cdf.client.files.create(FileMetadataWrite(name="n", external_id="a"))
    cdf.client.files.upload_bytes(b"x", name="m", external_id="b")
    cdf.client.files.update(FileMetadataUpdate(external_id="a").source.set("s").metadata.add({"k": "v"}))
    assert [file.external_id for file in cdf.client.files.list(source="s")] == ["a"]
    assert [file.external_id for file in cdf.client.files.list(uploaded=True)] == ["b"]
    assert [file.external_id for file in cdf.client.files.list(name="n")] == ["a"]
    cdf.client.files.delete(external_id=["a", "b"])
    assert cdf.client.files.list() == []
    assert cdf.refused("/files/delete", {"items": [{"externalId": "a"}]})["missing"] == [{"externalId": "a"}]


@pytest.mark.source("Toolkit yaml_classes/filemetadata.py")
def test_what_the_api_refuses(cdf: Cdf) -> None:
    for item in (
        {},
        {"name": ""},
        {"name": "f", "dataSetId": 5},
        {"name": "f", "assetIds": [5]},
        {"name": "f", "x": 1},
    ):
        assert cdf.refused("/files?overwrite=true", item)["code"] == 400


@pytest.mark.source("Assumed: a link holds its own permission")
def test_an_unknown_link_leads_nowhere(cdf: Cdf) -> None:
    assert requests.put(f"{cdf.url}/__storage__/guess", data=b"x", timeout=10).status_code == 403


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


@pytest.mark.source("SDK tests test_files.py: upload multipart")
def test_a_file_comes_in_parts(cdf: Cdf) -> None:
    files = cdf.client.files
    for first in (b"a" * 6_000_000, b"b"):
        with files.multipart_upload_session(name="f", parts=2, external_id="f", overwrite=True) as session:
            session.upload_part(0, first)
            session.upload_part(1, b"end")
        assert files.download_bytes(external_id="f") == first + b"end"
    for parts in ("", "?parts=0", "?parts=251", "?parts=x"):
        assert "parts" in cdf.refused(f"/files/initmultipartupload{parts}", {"name": "g"})["message"]
