"""Files: metadata here, content by an upload link and a download link on this server."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json, address, answer, body, items_of
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.routing import post
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.filters import Predicate
from sandbox.cdf.classic.identifiers import identifier_of
from sandbox.cdf.classic.instance_links import InstanceLinked
from sandbox.cdf.classic.routes import classic_routes, ignores_unknown
from sandbox.cdf.classic.store import Store

LINK_PATH = "/__storage__"
MAX_PARTS = 250


class Files(InstanceLinked):
    """The project's files."""

    kind = "File"
    schema = schemas.FILE
    filters: ClassVar[Mapping[str, str]] = {
        "uploaded": "uploaded",
        "uploadedTime": "uploadedTime",
        "sourceCreatedTime": "sourceCreatedTime",
        "sourceModifiedTime": "sourceModifiedTime",
        "directoryPrefix": "directory",
    }
    searchable = ("name",)

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, assets: Assets) -> None:
        super().__init__(ids, data_sets, labels, assets)
        self._content: dict[int, bytes] = {}
        self._links: dict[str, int] = {}
        self._parts: dict[str, list[bytes]] = {}

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """Refuses what is not modelled: places."""
        if key == "geoLocation":
            raise ApiError(400, "filter.geoLocation: this stand-in keeps places and does not search by them")
        return super().special_filter(key, value)

    def content(self, file_id: int) -> bytes:
        """What was uploaded.

        Raises:
            ApiError: 400 when the file does not exist or nothing was uploaded.
        """
        if file_id not in self._content:
            raise ApiError(400, f"File {file_id} has no content", missing=[{"id": file_id}])
        return self._content[file_id]

    def save(self, file_id: int, content: bytes) -> None:
        """Keep an upload."""
        now = now_ms()
        self._content[file_id] = content
        self.put(file_id, self.rows[file_id] | {"uploaded": True, "uploadedTime": now, "lastUpdatedTime": now})

    def link(self, file_id: int) -> str:
        """The path of a new secret link to a file's content, for upload and download alike."""
        key = secrets.token_urlsafe(24)
        self._links[key] = file_id
        return f"{LINK_PATH}/{key}"

    def behind(self, key: str) -> int:
        """The file that a link leads to.

        Raises:
            ApiError: 403 for an unknown link, as object stores answer.
        """
        file_id = self._links.get(key)
        if file_id is None or file_id not in self.rows:
            raise ApiError(403, "The link is invalid or has expired")
        return file_id

    def start_parts(self, file_id: int, count: int) -> Json:
        """An upload in parts: its id, and the path of a link for each part."""
        upload = secrets.token_urlsafe(12)
        self._parts[upload] = [b""] * count
        link = self.link(file_id)
        return {"uploadId": upload, "uploadUrls": [f"{link}?upload={upload}&part={number}" for number in range(count)]}

    def save_part(self, upload: str, number: int, content: bytes) -> None:
        """Keep a part until the upload is complete.

        Raises:
            ApiError: 403 for an unknown upload or part, as object stores answer.
        """
        if not 0 <= number < len(self._parts.get(upload, ())):
            raise ApiError(403, "The link is invalid or has expired")
        self._parts[upload][number] = content

    def complete_parts(self, item: Json) -> Json:
        """Join the parts of an upload.

        Raises:
            ApiError: 400 for an unknown file or upload.
        """
        (key,) = self.keys([{name: item[name] for name in ("id", "externalId") if name in item}])
        if item.get("uploadId") not in self._parts:
            raise ApiError(400, f"uploadId: {item.get('uploadId')!r} is unknown or complete already")
        self.save(key, b"".join(self._parts.pop(item["uploadId"])))
        return {}

    def create_one(self, item: Json, *, overwrite: bool) -> Json:
        """New metadata; with ``overwrite`` an existing external id keeps its id and loses its content."""
        existing = self.key({"externalId": item["externalId"]}) if overwrite and item.get("externalId") else None
        if existing is None:
            return self.create([item])[0]
        row = self.schema.new(item)
        self.check_references(row)
        old = self.rows[existing]
        stamps = {"id": existing, "createdTime": old["createdTime"], "lastUpdatedTime": now_ms()}
        self.prepare({existing: row})
        self._content.pop(existing, None)
        self.put(existing, row | stamps)
        return self.rows[existing]

    def prepare(self, new: dict[int, Json]) -> None:
        """Nothing is uploaded yet."""
        for row in new.values():
            row["uploaded"] = False

    def remove(self, keys: Iterable[int]) -> None:
        """Remove rows and their content."""
        keys = list(keys)
        for key in keys:
            self._content.pop(key, None)
        super().remove(keys)

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every row with its content."""
        for key, row in self.rows.items():
            content = self._content.get(key)
            yield str(key), {"row": row, "content": None if content is None else base64.b64encode(content).decode()}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.put(int(key), value["row"])
        if value["content"] is not None:
            self._content[int(key)] = base64.b64decode(value["content"])


def routes(store: Files) -> list[Route]:
    """The routes of files below the project."""

    async def create(request: Request) -> Response:
        overwrite = request.query_params.get("overwrite", "").lower() == "true"
        row = store.create_one(await body(request), overwrite=overwrite)
        return answer(row | {"uploadUrl": address(request) + store.link(row["id"])}, 201)

    async def link(request: Request) -> Response:
        data = await body(request)
        items = items_of(data, maximum=100, minimum=1)
        rows = store.by_ids(items, ignore_unknown=ignores_unknown(data))
        server = address(request)
        if request.url.path.endswith("/uploadlink"):
            return answer({"items": [row | {"uploadUrl": server + store.link(row["id"])} for row in rows]})
        for row in rows:
            store.content(row["id"])
        names = [identifier_of(item) for item in items if store.key(item) is not None]
        links = [{"downloadUrl": server + store.link(row["id"])} for row in rows]
        return answer({"items": [name | link for name, link in zip(names, links, strict=True)]})

    def parts(request: Request) -> int:
        value = request.query_params.get("parts", "")
        if not value.isdecimal() or not 1 <= int(value) <= MAX_PARTS:
            raise ApiError(400, f"parts: {value!r} is required, must be a whole number from 1 to {MAX_PARTS}")
        return int(value)

    def linked(row: Json, request: Request) -> Json:
        started = store.start_parts(row["id"], parts(request))
        server = address(request)
        return row | started | {"uploadUrls": [server + path for path in started["uploadUrls"]]}

    async def start(request: Request) -> Response:
        parts(request)
        overwrite = request.query_params.get("overwrite", "").lower() == "true"
        return answer(linked(store.create_one(await body(request), overwrite=overwrite), request), 201)

    async def start_known(request: Request) -> Response:
        rows = store.by_ids(items_of(await body(request), maximum=1, minimum=1))
        return answer({"items": [linked(row, request) for row in rows]})

    return [
        Route("/files", create, methods=["POST"]),
        Route("/files/initmultipartupload", start, methods=["POST"]),
        Route("/files/multiuploadlink", start_known, methods=["POST"]),
        post("/files/completemultipartupload", store.complete_parts),
        Route("/files/downloadlink", link, methods=["POST"]),
        Route("/files/uploadlink", link, methods=["POST"]),
        *classic_routes(store, "/files", actions=("list", "byids", "update", "delete", "aggregate", "search")),
    ]


def storage_routes(store: Files) -> list[Route]:
    """The object store behind the links: no bearer token, the link itself is the right."""

    async def serve(request: Request) -> Response:
        file_id = store.behind(request.path_params["key"])
        if request.method == "GET":
            mime = store.rows[file_id].get("mimeType", "application/octet-stream")
            return Response(store.content(file_id), media_type=mime)
        query = request.query_params
        if "upload" in query:
            store.save_part(query["upload"], int(query["part"]), await request.body())
        else:
            store.save(file_id, await request.body())
        return Response(status_code=200)

    return [Route(f"{LINK_PATH}/{{key}}", serve, methods=["GET", "PUT"])]
