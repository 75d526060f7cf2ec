"""What the ``advancedFilter`` of a classic resource may hold (API: filter assets, limits of ``advancedFilter``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.cdf.api.http import AnyJson, ApiError, Json, texts
from sandbox.cdf.classic.row_values import ARRAYS

MAX_DEPTH, MAX_LEAVES, MAX_VALUES, MAX_SEARCHES = 10, 100, 100, 2
MAX_SEARCH = 128

_BOUNDS = ("gt", "gte", "lt", "lte")
_CONTENT: Mapping[str, frozenset[str]] = {
    "containsAll": frozenset({"property", "values"}),
    "containsAny": frozenset({"property", "values"}),
    "equals": frozenset({"property", "value"}),
    "exists": frozenset({"property"}),
    "in": frozenset({"property", "values"}),
    "prefix": frozenset({"property", "value"}),
    "range": frozenset({"property", *_BOUNDS}),
    "search": frozenset({"property", "value"}),
}
_SEARCHED = frozenset({"name", "description"})
_OTHER_THAN_TEXT = frozenset(
    {
        *ARRAYS,
        "id",
        "createdTime",
        "lastUpdatedTime",
        "startTime",
        "endTime",
        "dataSetId",
        "assetId",
        "parentId",
        "rootId",
        "isStep",
        "isString",
    }
)
_LONGEST = {"externalId": 255, "name": 255, "description": 255, "labels": 255, "source": 128, "metadata": 128}


def check_advanced(nested: AnyJson) -> None:
    """Refuse an ``advancedFilter`` that is too deep or too wide, or has a leaf that the API does not take.

    Raises:
        ApiError: 400 with what is accepted instead.
    """
    searches = 0
    for operator, content in _leaves(nested):
        if operator not in _CONTENT:
            raise ApiError(
                400, f"advancedFilter: unknown operator {operator}, one of {', '.join(_CONTENT)} is accepted"
            )
        if not isinstance(content, dict):
            raise ApiError(400, f"advancedFilter.{operator}: must be an object")
        if unknown := content.keys() - _CONTENT[operator]:
            accepted = ", ".join(sorted(_CONTENT[operator]))
            raise ApiError(400, f"advancedFilter.{operator}: unknown key {', '.join(unknown)}, has {accepted}")
        searches += operator == "search"
        _check_kind(operator, content)
        _check_operands(operator, content)
    if searches > MAX_SEARCHES:
        raise ApiError(400, f"advancedFilter: at most {MAX_SEARCHES} search filters, has {searches}")


def _leaves(nested: AnyJson) -> Iterator[tuple[str, AnyJson]]:
    """The operators that compare, with their content. Level by level, as a hostile depth would exhaust the stack."""
    level, leaves = [nested], 0
    for _ in range(MAX_DEPTH):
        below: list[AnyJson] = []
        for node in level:
            if not isinstance(node, dict) or len(node) != 1:
                raise ApiError(400, "advancedFilter: must be an object with one operator")
            ((operator, content),) = node.items()
            if operator in {"and", "or"}:
                if not isinstance(content, list) or not content:
                    raise ApiError(400, f"advancedFilter.{operator}: must be a list of at least one filter")
                below += content
            elif operator == "not":
                below.append(content)
            else:
                leaves += 1
                yield operator, content
        level = below
        if leaves > MAX_LEAVES:
            break
    if level or leaves > MAX_LEAVES:
        raise ApiError(400, f"advancedFilter: at most {MAX_LEAVES} leaves and {MAX_DEPTH} levels")


def _check_kind(operator: str, content: Json) -> None:
    """Refuse an operator that does not compare values of the property's kind."""
    names = texts(content.get("property"), "property")
    name = names[0] if names else ""
    if operator in {"containsAll", "containsAny"} and name not in ARRAYS:
        raise ApiError(400, f"advancedFilter.{operator}: {name} is no array, {', '.join(sorted(ARRAYS))} are")
    if operator in {"equals", "in", "range"} and name in ARRAYS:
        raise ApiError(400, f"advancedFilter.{operator}: {name} is an array, containsAny and containsAll take it")
    if operator == "prefix" and name in _OTHER_THAN_TEXT:
        raise ApiError(400, f"advancedFilter.prefix: {name} is no text")
    if operator == "search" and name not in _SEARCHED:
        raise ApiError(400, f"advancedFilter.search: {name} cannot be searched, name and description can")


def _check_operands(operator: str, content: Json) -> None:
    values = content.get("values", [])
    operands = [*(values if isinstance(values, list) else []), content.get("value"), *map(content.get, _BOUNDS)]
    if any(isinstance(each, dict | list) for each in operands):
        raise ApiError(400, f"advancedFilter.{operator}: every value must be a number or a string")
    if ("gt" in content and "gte" in content) or ("lt" in content and "lte" in content):
        raise ApiError(400, "advancedFilter.range: gt and gte, and lt and lte, exclude each other")
    name = next(iter(content.get("property") or [""]))
    longest = MAX_SEARCH if operator == "search" else _LONGEST.get(name)
    for each in operands:
        if isinstance(each, str) and longest is not None and len(each) > longest:
            raise ApiError(400, f"advancedFilter.{operator}: a value of {name} has at most {longest} characters")
    if operator == "search" and not str(content.get("value") or "").strip():
        raise ApiError(400, "advancedFilter.search: value must not be blank")
