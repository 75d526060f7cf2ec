"""A model of settings as rows of a table: what `docs/configuration.md` must say of its keys."""

import json
import types
from collections.abc import Iterator
from datetime import datetime, time
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from uuid import UUID

import annotated_types
from plex_cdf.data_source.config import DataSource
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

TYPES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    UUID: "UUID",
    time: "time of day",
    datetime: "day or instant",
    DataSource: "[data sources](#data-sources)",
}


class Row(NamedTuple):
    """A key as the cells of the table.

    Attributes:
        key: With dots before the keys of inner models, and `[]` behind the name of a list of them.
        type: In words.
        default: As YAML has it, or in words.
        bounds: What the column of accepted values begins with.
    """

    key: str
    type: str
    default: str
    bounds: str


def rows(model: type[BaseModel], prefix: str = "", outer: object = None) -> Iterator[Row]:
    """The keys of a model and of the models inside it."""
    for name, field in model.model_fields.items():
        key, inner = f"{prefix}{field.alias or name}", _plain(field.annotation)
        default = getattr(outer, name) if isinstance(outer, BaseModel) else field.get_default(call_default_factory=True)
        listed: Any = _plain(get_args(inner)[0]) if get_origin(inner) is tuple else None
        if _is_model(inner):
            yield from rows(inner, f"{key}.", default)
        elif _is_model(listed) and listed is not DataSource:
            yield from rows(listed, f"{key}[].")
        else:
            yield Row(f"`{key}`", _type(inner), _shown(default), _bounds(field))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _plain(annotation: Any) -> Any:
    """A type without what is annotated, and without None."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation


def _type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "text"
    if get_origin(kind) is tuple:
        return f"list of {_type(_plain(get_args(kind)[0]))}"
    return "mapping" if get_origin(kind) is dict else TYPES[kind]


def _shown(value: Any) -> str:
    match value:
        case _ if value is PydanticUndefined:
            return "required"
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case time():
            return f'`"{value:%H:%M}"`'
        case (DataSource(), *_):
            assert not any(source.enabled for source in value)
            return ", ".join(f"`{source.name}`" for source in value) + ", switched off"
        case tuple() | dict():
            return f"`{json.dumps(value)}`"
        case _:
            return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    return ", ".join(filter(None, map(_bound, field.metadata)))


def _bound(rule: object) -> str:
    match rule:
        case annotated_types.Ge(ge=limit):
            return f"at least {limit}"
        case annotated_types.Gt(gt=limit):
            return f"above {limit}"
        case annotated_types.Le(le=limit):
            return f"at most {limit}"
    return ""
