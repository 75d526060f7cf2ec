"""What a run is told: the call's payload, the pipeline's config, the secret. All checked before anything is read."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import time
from typing import Annotated, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from plex_cdf.errors import ConfigurationError

# Characters of a wrong value that a message shows.
_SHOWN = 400
SECRET = "plex-keys"  # noqa: S105  # the name of the function secret, not its value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not an IANA time zone such as America/Detroit") from None
    return name


def _written_time(value: object) -> object:
    """YAML reads 12:30 without quotes as the number 750, which would become twelve minutes past midnight."""
    if not isinstance(value, str):
        raise ValueError('a time of day is written in quotes, such as "02:00"')  # noqa: TRY004  # Pydantic catches it
    return value


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no zone of its own; it is local time in timeZone")
    return value


class Model(BaseModel):
    """Camel-case keys; a key that does not exist is an error, since Plex and CDF would both ignore it silently."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, validate_by_name=False)


class Payload(Model):
    """What a schedule, or a person, passes to a call.

    `pipeline` names the extraction pipeline, whose config holds all other settings. `full` reads every stream whole
    now.
    """

    pipeline: str = Field(min_length=1)
    mode: Literal["incremental", "full"] = "incremental"
    streams: tuple[str, ...] = ()
    dry_run: bool = False


class Facility(Model):
    """Which Plex tenant is read: its Plexus Customer Number, and the UUID that `/mdm/v1/tenants` must answer."""

    pcn: int = Field(gt=0)
    tenant_id: UUID


class PlexSettings(Model):
    """Where Plex is, and this extractor's share of the 200 calls a minute that Plex allows a key."""

    url: str = Field(default="https://connect.plex.com", pattern=r"^https?://[^/\s]+/?$")
    calls_per_minute: int = Field(default=60, ge=1)
    timeout_seconds: float = Field(default=120, gt=0, le=600)


class Limit(Model):
    """How much is too much: only when the share *and* the number are both exceeded."""

    share: float = Field(default=0.2, ge=0, le=1)
    number: int = Field(default=20, ge=0)

    def exceeded(self, part: int, whole: int) -> bool:
        """Whether `part` of `whole` is too much."""
        return part > self.number and part > self.share * whole


class Settings(Model):
    """The extraction pipeline's config, as every extractor has it; an extractor adds its own keys in a subclass."""

    facility: Facility
    plex: PlexSettings = PlexSettings()
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    full_read_at: Annotated[time, BeforeValidator(_written_time), AfterValidator(_without_zone)] = time(2, 0)
    time_limit_minutes: float = Field(default=7, gt=0, le=9)
    vanish_limit: Limit = Limit()
    quarantine_limit: Limit = Limit()


# What a header may hold: printable ASCII without blanks.
_HEADER = r"^[!-~]+$"


class PlexKey(Model):
    """The credentials of one facility."""

    api_key: str = Field(pattern=_HEADER)
    api_secret: str | None = Field(default=None, pattern=_HEADER)
    ds_user: str | None = None
    ds_password: str | None = None


SettingsT = TypeVar("SettingsT", bound=Settings)


def read_payload(data: object) -> Payload:
    """The checked payload of a call.

    Raises:
        ConfigurationError: Naming the key, its value and what is accepted.
    """
    if not isinstance(data, Mapping):
        raise ConfigurationError(f'the call needs data such as {{"pipeline": "plex_340884_jobs"}}; it got {data!r}')
    try:
        return Payload.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(f"the call's data: {explain(error, Payload)}") from None


def read_settings(model: type[SettingsT], pipeline: str, text: str) -> SettingsT:
    """The checked config of an extraction pipeline, from its YAML text.

    Raises:
        ConfigurationError: Naming the pipeline, the key, its value and what is accepted.
    """
    where = f"the config of extraction pipeline {pipeline}"
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: something that looks like a date and is none
        raise ConfigurationError(f"{where} is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{where} must be a mapping with at least the key facility; it is {content!r}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {explain(error, model)}") from None


def read_key(secrets: Mapping[str, str] | None, pcn: int) -> PlexKey:
    """The facility's credentials out of the function secret: base64 of JSON by PCN, `default` for a shared API key.

    Raises:
        ConfigurationError: Saying what is wrong, never what the secret holds.
    """
    mend = f"deploy again with PLEX_KEYS as made by `make keys FILE=keys.json` (function secret {SECRET})"
    encoded = (secrets or {}).get(SECRET)
    if not encoded:
        raise ConfigurationError(f"the function has no secret {SECRET}: {mend}")
    try:
        keys = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise ConfigurationError(f"the secret {SECRET} is not base64 of JSON: {mend}") from None
    entry = keys.get(str(pcn), keys.get("default")) if isinstance(keys, dict) else None
    if entry is None:
        raise ConfigurationError(f"the secret {SECRET} has neither an entry for PCN {pcn} nor a default: {mend}")
    try:
        return PlexKey.model_validate(entry)
    except ValidationError as error:
        accepted = _accepted(PlexKey, ())
        # A key that is not one of ours may be a credential in the wrong place.
        places = {str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors()}
        names = {place if place in accepted else "an unknown key" for place in places if place}
        raise ConfigurationError(
            f"the secret {SECRET}, entry for PCN {pcn}: {', '.join(sorted(names)) or 'not an object'} is wrong; "
            f"accepted keys: {', '.join(accepted)}. {mend}"
        ) from None


def secret_values(secrets: Mapping[str, str] | None) -> list[str]:
    """Everything that must never be shown: the secrets, and every text inside those that are encoded JSON."""
    values: list[str] = []
    inside: list[object] = list((secrets or {}).values())
    while inside:
        item = inside.pop()
        if isinstance(item, dict):
            inside += item.values()
        elif isinstance(item, list):
            inside += item
        elif isinstance(item, str):
            values.append(item)
            with suppress(binascii.Error, ValueError):
                inside.append(json.loads(base64.b64decode(item, validate=True)))
    return values


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """All problems of a validation in words: key, value, what is accepted."""
    return "; ".join(_problem(problem, model) for problem in error.errors(include_url=False))


def _problem(problem: ErrorDetails, model: type[BaseModel]) -> str:
    location: Sequence[int | str] = problem["loc"]
    key = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        return f"key {key} does not exist (accepted here: {', '.join(_accepted(model, location[:-1]))})"
    if problem["type"] == "missing":
        return f"key {key} is missing"
    value = repr(problem["input"])
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    return f"{key} is {shown}: {problem['msg'].removeprefix('Value error, ')}"


def _accepted(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The keys that the model accepts at a place inside it."""
    for part in location:
        inner = next((f.annotation for f in model.model_fields.values() if f.alias == part), None)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return sorted(field.alias or name for name, field in model.model_fields.items())
