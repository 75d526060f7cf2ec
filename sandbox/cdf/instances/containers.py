"""The routes of containers, what a definition of one may be, and what becomes of it when it is written again."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import Route

from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.api.http import ApiError, Json, an_object, items_of, texts
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.instances import container_properties
from sandbox.cdf.instances.constraints import states
from sandbox.cdf.instances.modeling import MAX_ITEMS, DataModeling
from sandbox.cdf.instances.names import NAME, check_name, check_texts, refuse_unknown

USED_FOR = ("node", "edge", "record", "all")
MAX_PROPERTIES, MAX_UNIQUE, MAX_REQUIRES, MAX_INDEXES = 100, 10, 25, 10
_FIELDS = {"space", "externalId", "name", "description", "usedFor", "properties", "constraints", "indexes"}


def routes(modeling: DataModeling) -> list[Route]:
    """The routes of containers."""
    containers = modeling.containers

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        batch = {containers.name(item) for item in items}
        rows = [complete(item, containers, modeling.spaces, batch) for item in items]
        return {"items": containers.upsert([states(modeling.instances, row) for row in rows])}

    def delete(data: Json) -> Json:
        deleted = containers.delete(items_of(data, maximum=MAX_ITEMS, minimum=1))
        for each in deleted:
            modeling.instances.forget_container((each["space"], each["externalId"]))
        return {"items": deleted}

    def delete_part(data: Json, part: str) -> Json:
        """Remove constraints or indexes."""
        items = items_of(data, maximum=10, minimum=1)
        removed = []
        for item in items:
            row = containers.rows.get((item.get("space", ""), item.get("containerExternalId", "")), {part: {}})
            if row[part].pop(item.get("identifier"), None) is not None:
                removed.append(item)
        return {"items": removed}

    def inspect(data: Json) -> Json:
        """Which views use a container. The Toolkit asks before it deletes one."""
        found = []
        for row in containers.found(items_of(data, maximum=10, minimum=1)):
            name = {"space": row["space"], "externalId": row["externalId"]}
            users = [
                view for view in modeling.views.shown() if {"type": "container"} | name in view["mappedContainers"]
            ]
            views = [{"type": "view"} | {part: view[part] for part in modeling.views.parts} for view in users]
            found.append(name | {"inspectionResults": {"involvedViewCount": len(views), "involvedViews": views}})
        return {"items": found}

    return [
        post("/models/containers", apply),
        post("/models/containers/byids", lambda data: {"items": containers.found(items_of(data, maximum=MAX_ITEMS))}),
        post("/models/containers/delete", delete),
        post("/models/containers/constraints/delete", lambda data: delete_part(data, "constraints")),
        post("/models/containers/indexes/delete", lambda data: delete_part(data, "indexes")),
        post("/models/containers/inspect", inspect),
        get("/models/containers", containers.listed),
    ]


def complete(item: Json, containers: Definitions, spaces: Definitions, batch: set[tuple[str, ...]]) -> Json:
    """A container with the API's defaults, and with all that an earlier definition had and this one leaves out.

    Source: the Toolkit's `ContainerIO` (`resource_ios/_datamodel.py`): writing a container removes neither properties
    nor constraints nor indexes. Limits: the API reference of containers.

    Args:
        item: what a client sent.
        containers: what exists.
        spaces: the spaces that exist.
        batch: names of all containers of the same request, to which this one may refer.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    name = containers.name(item)
    spaces.require_space(name[0])
    check_name(name[1], "container")
    refuse_unknown(item, _FIELDS)
    check_texts(item)
    properties = item.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise ApiError(400, "properties: required, must have at least one")
    old = containers.rows.get(name, {})
    kept: Json = old.get("properties", {})
    row = {"usedFor": old.get("usedFor", "node")} | {key: value for key, value in item.items() if value is not None}
    _check_used_for(row, old)
    row["properties"] = kept | {
        key: container_properties.checked(key, each, kept.get(key)) for key, each in properties.items()
    }
    known = batch | containers.rows.keys()
    parts: dict[str, Callable[[Json], Json]] = {
        "constraints": lambda each: _constraint(each, row["properties"], known),
        "indexes": lambda each: _index(each, row["properties"]),
    }
    for part, check in parts.items():
        sent = an_object(item.get(part), part)
        checked = {key: _part(key, each, part, check, old) for key, each in sent.items()}
        row[part] = old.get(part, {}) | checked
    for each in row["properties"].values():
        if (target := each["type"].get("container")) is not None:
            _check_known(target, known, "properties")
    _check_numbers(row)
    return row


def _check_used_for(row: Json, old: Json) -> None:
    if row["usedFor"] not in USED_FOR:
        raise ApiError(400, f"usedFor: must be one of {', '.join(USED_FOR)}, not {row['usedFor']}")
    if old.get("usedFor", row["usedFor"]) != row["usedFor"]:
        raise ApiError(400, f"usedFor: cannot be changed from {old['usedFor']} to {row['usedFor']}")


def _part(key: str, sent: object, part: str, check: Callable[[Json], Json], old: Json) -> Json:
    """A constraint or an index with its state; one that exists cannot be another."""
    if not NAME.fullmatch(key):
        raise ApiError(400, f"{part}: {key!r} is no valid identifier")
    definition = {name: value for name, value in an_object(sent, part).items() if name != "state" and value is not None}
    checked = check(definition) | {"state": "current"}
    before = old.get(part, {}).get(key)
    if before is not None and before | {"state": "current"} != checked:
        raise ApiError(400, f"{part}.{key}: exists with another definition; delete it first")
    return checked


def _constraint(sent: Json, properties: Json, known: set[tuple[str, ...]]) -> Json:
    kind = sent.get("constraintType")
    if kind == "uniqueness":
        refuse_unknown(sent, {"constraintType", "properties", "bySpace"})
        _check_properties(sent, properties)
        return {"bySpace": False} | sent
    if kind != "requires":
        raise ApiError(400, f"constraints: unknown constraint {sent}")
    refuse_unknown(sent, {"constraintType", "require"})
    _check_known(sent.get("require"), known, "constraints")
    return sent


def _check_known(reference: object, known: set[tuple[str, ...]], part: str) -> None:
    if (
        not isinstance(reference, dict)
        or (str(reference.get("space")), str(reference.get("externalId"))) not in known
        or reference.get("type", "container") != "container"
    ):
        raise ApiError(400, f"{part}: container {reference} does not exist")


def _index(sent: Json, properties: Json) -> Json:
    kind = sent.get("indexType")
    if kind not in ("btree", "inverted"):
        raise ApiError(400, f"indexes: unknown index {sent}")
    refuse_unknown(sent, {"indexType", "properties"} | ({"bySpace", "cursorable"} if kind == "btree" else set()))
    _check_properties(sent, properties)
    return sent if kind == "inverted" else {"bySpace": False, "cursorable": False} | sent


def _check_properties(sent: Json, properties: Json) -> None:
    names = texts(sent.get("properties"), "properties")
    if not names or not set(names) <= properties.keys():
        raise ApiError(400, f"properties: {names} names no property, or one that the container does not have")
    for flag in ("bySpace", "cursorable"):
        if not isinstance(sent.get(flag, False), bool):
            raise ApiError(400, f"{flag}: must be true or false")


def _check_numbers(row: Json) -> None:
    kinds = [each["constraintType"] for each in row["constraints"].values()]
    for what, number, maximum in (
        ("properties", len(row["properties"]), MAX_PROPERTIES),
        ("uniqueness constraints", kinds.count("uniqueness"), MAX_UNIQUE),
        ("requires constraints", kinds.count("requires"), MAX_REQUIRES),
        ("indexes", len(row["indexes"]), MAX_INDEXES),
    ):
        if number > maximum:
            raise ApiError(400, f"{row['externalId']}: must have at most {maximum} {what}, has {number}")
    if row["usedFor"] == "record" and (kinds or row["indexes"]):
        raise ApiError(400, "constraints and indexes: a container of records has none")
