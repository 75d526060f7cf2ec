"""Where a request acts: what the scopes of capabilities are compared with, found from its path, query and body."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sandbox.cdf.access.rights import ANY_TABLE
from sandbox.cdf.api.http import AnyJson, Json
from sandbox.cdf.classic.store import Store
from sandbox.cdf.project import Project

Place = Mapping[str, object]
"""Any of ``dataSetId``, ``id``, ``rootId``, ``space``, ``database`` and ``table``; empty: only the scope "all" fits."""


@dataclass(frozen=True)
class Asked:
    """A request as the finders see it: the parts of its path, its query and the JSON object in its body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    data: Json

    def items(self) -> list[Json]:
        """The items; whatever else the body holds instead, its endpoint refuses."""
        return _objects(self.data.get("items"))


Finder = Callable[[Project, Asked], Iterator[Place]]


def of_row(project: Project, row: Json) -> Place:
    """Where a row is."""
    linked = row.get("assetId")
    asset = project.assets.rows.get(linked, {}) if isinstance(linked, int) else {}
    root = row.get("rootId", asset.get("rootId"))
    return {"dataSetId": row.get("dataSetId"), "id": row.get("id"), "rootId": root}


def whole_project(_: Project, __: Asked) -> Iterator[Place]:
    """Nowhere in particular."""
    yield {}


def new_rows(project: Project, asked: Asked) -> Iterator[Place]:
    """Where the rows of a create will be."""
    for item in asked.items():
        yield of_row(project, {name: item.get(name) for name in ("dataSetId", "assetId")})


def named_rows(store: str) -> Finder:
    """Where the rows are that items name, and where an update moves them; those that don't exist are nowhere."""

    def find(project: Project, asked: Asked) -> Iterator[Place]:
        for row in _named(getattr(project, store), asked.items()):
            yield of_row(project, row)
        for item in asked.items():
            moved = item.get("update", {}).get("dataSetId") if isinstance(item.get("update"), dict) else None
            if isinstance(moved, dict):
                yield {"dataSetId": moved.get("set")}

    return find


def asset_trees(project: Project, asked: Asked) -> Iterator[Place]:
    """Where the assets of a delete are, with all below them where it is recursive."""
    for row in _named(project.assets, asked.items()):
        keys = project.assets.subtree(row["id"]) if asked.data.get("recursive") is True else [row["id"]]
        for key in keys:
            yield of_row(project, project.assets.rows[key])


def new_file(project: Project, asked: Asked) -> Iterator[Place]:
    """Where a new file will be, and where the one is that it overwrites."""
    yield of_row(project, asked.data)
    if asked.data.get("externalId"):
        for row in _named(project.files, [{"externalId": asked.data["externalId"]}]):
            yield of_row(project, row)


def named_file(project: Project, asked: Asked) -> Iterator[Place]:
    """Where the one file is that a body names."""
    for row in _named(project.files, [asked.data]):
        yield of_row(project, row)


def code_files(project: Project, asked: Asked) -> Iterator[Place]:
    """Where the files are that functions are made of."""
    for row in _named(project.files, [{"id": item.get("fileId")} for item in asked.items() if item.get("fileId")]):
        yield of_row(project, row)


def pipelines(project: Project, asked: Asked) -> Iterator[Place]:
    """The extraction pipelines that a body or a query names, for their runs and configuration."""
    filtered = asked.data.get("filter")
    candidates = [*asked.items(), asked.data, asked.query, filtered if isinstance(filtered, dict) else {}]
    for external_id in {each.get("externalId") for each in candidates if isinstance(each.get("externalId"), str)}:
        for row in _named(project.extraction_pipelines, [{"externalId": external_id}]):
            yield of_row(project, row)


def databases(_: Project, asked: Asked) -> Iterator[Place]:
    """Whole RAW databases."""
    for item in asked.items():
        yield {"database": item.get("name")}


def tables(_: Project, asked: Asked) -> Iterator[Place]:
    """Tables of a RAW database."""
    for item in asked.items():
        yield {"database": asked.path["database"], "table": item.get("name")}


def table(_: Project, asked: Asked) -> Iterator[Place]:
    """One RAW table."""
    yield asked.path


def spaces(_: Project, asked: Asked) -> Iterator[Place]:
    """The spaces of definitions or instances, with those of the nodes that direct relations would create."""
    for item in asked.items():
        yield {"space": item.get("space")}
        if asked.data.get("autoCreateDirectRelations", True):
            values = [
                value
                for source in _objects(item.get("sources"))
                if isinstance(source.get("properties"), dict)
                for value in source["properties"].values()
            ]
            for value in [*values, item.get("type")]:
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, dict) and each.keys() == {"space", "externalId"}:
                        yield {"space": each["space"]}


def sources(_: Project, asked: Asked) -> Iterator[Place]:
    """The spaces of the views and containers that instances are read and written through."""
    for holder in [asked.data, *asked.items()]:
        for each in _objects(holder.get("sources")):
            if isinstance(each.get("source"), dict):
                yield {"space": each["source"].get("space")}


def sources_of_query(project: Project, asked: Asked) -> Iterator[Place]:
    """The spaces of the views that a query of instances shows its sets through."""
    selects = asked.data.get("select")
    for select in selects.values() if isinstance(selects, dict) else ():
        if isinstance(select, dict):
            yield from sources(project, Asked({}, {}, select))


def database_of_answer(_: Project, __: Asked, item: Json) -> Place:
    """A database in a list of them: whoever may use one of its tables sees it."""
    return {"database": item.get("name"), "table": ANY_TABLE}


def table_of_answer(_: Project, asked: Asked, item: Json) -> Place:
    """A table in a list of them."""
    return {"database": asked.path["database"], "table": item.get("name")}


def space_of_answer(_: Project, __: Asked, item: Json) -> Place:
    """A definition or an instance in a list of them."""
    return {"space": item.get("space")}


def _named(store: Store, items: list[Json]) -> Iterator[Json]:
    for item in items:
        key = store.key({name: item[name] for name in ("id", "externalId") if item.get(name) is not None})
        if key is not None:
            yield store.rows[key]


def _objects(value: AnyJson) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
