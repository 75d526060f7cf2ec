"""What a run is told: the call's payload and the pipeline's config. All checked before anything is read."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, TypeVar, get_args
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from plex_cdf.errors import ConfigurationError

# Characters of a wrong value that a message shows.
_SHOWN = 400


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


Zone = Annotated[str, AfterValidator(_known_zone)]
"""The name of an IANA time zone."""

TimeOfDay = Annotated[time, BeforeValidator(_written_time), AfterValidator(_without_zone)]
"""Hours and minutes, local in a zone that is named elsewhere."""


class Model(BaseModel):
    """Camel-case keys; a key that does not exist is an error, since Plex and CDF would both ignore it silently."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        validate_by_name=False,
        # Built when first used: a function imports the settings of others too.
        defer_build=True,
    )


def _instant(value: object) -> object:
    """YAML and people write days and instants; a moment without its zone is in UTC."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError("not a day or an instant such as 2026-01-31 or 2026-01-31T06:00:00Z")  # noqa: TRY004
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_instant)]
"""A day, which begins at midnight UTC, or an instant."""

Mode = Literal["incremental", "full", "backfill", "replay"]


class Payload(Model):
    """What a schedule, or a person, passes to a call.

    `pipeline` names the extraction pipeline, whose config holds all other settings. `full` reads every stream whole
    now, and of histories the last `reconcileDays`; `backfill` reads histories again from `since` to `until`; `replay`
    tries the rows in quarantine again.
    """

    pipeline: str = Field(min_length=1)
    mode: Mode = "incremental"
    since: Moment | None = None
    until: Moment | None = None
    streams: tuple[str, ...] = ()
    dry_run: StrictBool = False

    @model_validator(mode="after")
    def _range(self) -> "Payload":
        if self.mode == "backfill" and (self.since is None or self.until is None):
            raise ValueError(f"mode backfill needs since and until; {'until' if self.since else 'since'} is missing")
        if self.since and self.until and self.since >= self.until:
            raise ValueError(f"since ({self.since.isoformat()}) must lie before until ({self.until.isoformat()})")
        if self.mode != "backfill" and (self.since or self.until):
            raise ValueError(f"since and until belong to mode backfill; the mode is {self.mode}")
        return self


class Facility(Model):
    """Which Plex tenant is read: its Plexus Customer Number, and the UUID that `/mdm/v1/tenants` must answer."""

    pcn: int = Field(gt=0)
    tenant_id: UUID


class PlexSettings(Model):
    """Where Plex is, and this extractor's share of the 200 calls a minute that Plex allows a key."""

    url: str = Field(default="https://connect.plex.com", pattern=r"^https?://[^/\s]+/?$")
    calls_per_minute: int = Field(default=60, ge=1)
    timeout_seconds: float = Field(default=120, gt=0, le=600)


CONTENT_TYPE = "application/json; charset=utf-8"


class DataSourceSettings(Model):
    """Where the Data Source API is, and how it is asked.

    Attributes:
        url: Its origin: this one, or the tenant's own, `https://{PCN code}.on.plex.com`.
        calls_per_minute: This extractor's pace; Plex documents no limit for this API.
        content_type: Required with its charset by the documentation, but a data source is known that refuses one.
    """

    url: str = Field(default="https://cloud.plex.com", pattern=r"^https?://[^/\s]+/?$")
    calls_per_minute: int = Field(default=60, ge=1)
    content_type: str = Field(default=CONTENT_TYPE, pattern=r"^application/json(; ?charset=[\w-]+)?$")


class Limit(Model):
    """How much is too much: only when the share *and* the number are both exceeded."""

    share: float = Field(default=0.2, ge=0, le=1)
    number: int = Field(default=20, ge=0)

    def exceeded(self, part: int, whole: int) -> bool:
        """Whether `part` of `whole` is too much."""
        return part > self.number and part > self.share * whole


Contract = Literal["evolve", "freeze", "discard_row"]
"""What a field means that Plex did not send before: it is noted, it stops the run, or its row goes to quarantine."""


class Settings(Model):
    """The extraction pipeline's config, as every extractor has it; an extractor adds its own keys in a subclass."""

    facility: Facility
    # Constructed, not validated: that would build the models when this file is imported.
    plex: PlexSettings = PlexSettings.model_construct()
    time_zone: Zone = "UTC"
    full_read_at: TimeOfDay = time(2, 0)
    time_limit_minutes: float = Field(default=7, gt=0, le=9)
    vanish_limit: Limit = Limit.model_construct()
    quarantine_limit: Limit = Limit.model_construct()
    quarantine_days: float = Field(default=365, gt=0)
    contract: dict[str, Contract] = Field(default_factory=dict)


class HistorySettings(Settings):
    """What the extractors of histories add: which time is read, and which is read again.

    Attributes:
        start_date: Where the first run begins.
        overlap_hours: How far behind its last end every run reads again.
        reconcile_days: How far back everything is read again once a day.
        settle_seconds: How old a row must be before it is read.
    """

    start_date: Moment
    overlap_hours: float = Field(default=24, ge=0)
    reconcile_days: int = Field(default=35, ge=0)
    settle_seconds: float = Field(default=30, ge=0)


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


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """All problems of a validation in words: key, value, what is accepted."""
    return "; ".join(_problem(problem, model) for problem in error.errors(include_url=False))


def _problem(problem: ErrorDetails, model: type[BaseModel]) -> str:
    location: Sequence[int | str] = problem["loc"]
    key = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        return f"key {key} does not exist (accepted here: {', '.join(accepted(model, location[:-1]))})"
    if problem["type"] == "missing":
        return f"key {key} is missing"
    if not key:
        return problem["msg"].removeprefix("Value error, ")
    value = repr(problem["input"])
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    return f"{key} is {shown}: {problem['msg'].removeprefix('Value error, ')}"


def accepted(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The keys that the model accepts at a place inside it."""
    for part in location:
        if isinstance(part, int):
            continue  # a place in a list, whose items were found with its name
        inner = next((f.annotation for f in model.model_fields.values() if f.alias == part), None)
        models = [kind for kind in (inner, *get_args(inner)) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        model = models[0]
    return sorted(field.alias or name for name, field in model.model_fields.items())
