"""A Pydantic model as the rows of a Markdown table: what `docs/configuration.md` must say of its keys."""

import types
from collections.abc import Iterator
from datetime import time
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

Row = tuple[str, str, str, str]
"""Key, type, default and accepted values, as the cells of the table."""

TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", UUID: "UUID", time: "time of day"}


def rows(model: type[BaseModel], prefix: str = "") -> Iterator[Row]:
    """The keys of a model and of the models inside it, with dots between them."""
    for name, field in model.model_fields.items():
        key, inner = f"{prefix}{field.alias or name}", field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            default = None if field.is_required() else field.get_default()
            yield from (_with_default(row, default, key) for row in rows(inner, f"{key}."))
        else:
            yield f"`{key}`", _type(inner), _default(field), _accepted(field)


def _with_default(row: Row, outer: object, key: str) -> Row:
    """A row of an inner model; where the outer model has a default, the inner key's is in it."""
    if not isinstance(outer, BaseModel):
        return row
    values = outer.model_dump(mode="json", by_alias=True)
    name = row[0].strip("`").removeprefix(f"{key}.")
    return row[0], row[1], _shown(values[name]), row[3]


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "text"
    if origin is tuple:
        return f"list of {TYPES[arguments[0]]}"
    if origin in (Union, types.UnionType):
        return _type(next(argument for argument in arguments if argument is not type(None)))
    return TYPES[annotation]


def _default(field: FieldInfo) -> str:
    return "required" if field.default is PydanticUndefined else _shown(field.default)


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case time():
            return f'`"{value:%H:%M}"`'
        case ():
            return "`[]`"
        case _:
            return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _accepted(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    bounds = []
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge(ge=low):
                bounds.append(f"at least {low}")
            case annotated_types.Gt(gt=low):
                bounds.append(f"above {low}")
            case annotated_types.Le(le=high):
                bounds.append(f"at most {high}")
    return ", ".join(bounds)
