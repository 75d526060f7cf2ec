"""Constraints of containers: what they ask of all instances, not of one property alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.instances.sources import Name
from sandbox.cdf.instances.store import Instances, Node

Key = tuple[str, bytes]


def check(store: Instances, new: Mapping[Name, Node]) -> None:
    """Refuse a write that breaks a constraint.

    Args:
        store: what exists.
        new: the instances as they will be.

    Raises:
        ApiError: 400 that names the constraint.
    """
    changed = [each for name, each in new.items() if store.get(name) is not each]
    for container in dict.fromkeys(container for each in changed for container in each.properties):
        for identifier, constraint in store.containers.rows[container].get("constraints", {}).items():
            label = f"Constraint {identifier} of container {':'.join(container)}"
            if constraint["constraintType"] == "requires":
                _check_requires(container, constraint, changed, label)
            elif constraint["state"] == "current":
                rest = (each for name, each in zip(store.rows, _in_order(store), strict=True) if name not in new)
                taken = {key: each for each in rest if (key := _key(container, constraint, each))}
                _check_unique(container, constraint, taken, new.values(), label)


def states(store: Instances, row: Json) -> Json:
    """A container with the state of each constraint: whether what exists keeps it.

    Source: the SDK's `Constraint.state` and `PropertyConstraintState` (`data_classes/data_modeling/containers.py`): a
    constraint that comes to a container with data is accepted, and has failed when the data breaks it.
    """
    name = (row["space"], row["externalId"])
    inside = [each for each in store.ordered.rows.values() if name in each.properties]
    if not inside:
        return row
    properties = {
        key: each | {"constraintState": {"nullability": _state(each["nullable"] or _all_have(inside, name, key))}}
        for key, each in row["properties"].items()
    }
    constraints = {
        key: each | {"state": _state(_is_kept(name, each, inside))} for key, each in row["constraints"].items()
    }
    return row | {"properties": properties, "constraints": constraints}


def _in_order(store: Instances) -> Iterable[Node]:
    return (store.ordered.rows[number] for number in store.rows.values())


def _check_requires(container: Name, constraint: Json, changed: Iterable[Node], label: str) -> None:
    for each in changed:
        if container in each.properties and _required(constraint) not in each.properties:
            other = ":".join(_required(constraint))
            raise ApiError(400, f"{label}: {':'.join(each.name)} needs data in container {other}")


def _check_unique(
    container: Name, constraint: Json, taken: dict[Key, Node], instances: Iterable[Node], label: str
) -> None:
    for each in instances:
        key = _key(container, constraint, each)
        if key is None:
            continue
        if key in taken:
            names = ", ".join(constraint["properties"])
            raise ApiError(400, f"{label}: {names} of {':'.join(each.name)} are those of {':'.join(taken[key].name)}")
        taken[key] = each


def _is_kept(container: Name, constraint: Json, inside: Iterable[Node]) -> bool:
    if constraint["constraintType"] == "requires":
        return all(_required(constraint) in each.properties for each in inside)
    keys = [key for each in inside if (key := _key(container, constraint, each))]
    return len(set(keys)) == len(keys)


def _key(container: Name, constraint: Json, instance: Node) -> Key | None:
    """What must be unique; nothing when a property is null, as nulls differ from each other."""
    values = [instance.properties.get(container, {}).get(name) for name in constraint["properties"]]
    if any(value is None for value in values):
        return None
    return instance.name[0] if constraint["bySpace"] else "", orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def _required(constraint: Json) -> Name:
    return constraint["require"]["space"], constraint["require"]["externalId"]


def _all_have(inside: Iterable[Node], container: Name, name: str) -> bool:
    return all(name in each.properties[container] for each in inside)


def _state(is_kept: bool) -> str:  # noqa: FBT001 - a verdict
    return "current" if is_kept else "failed"
