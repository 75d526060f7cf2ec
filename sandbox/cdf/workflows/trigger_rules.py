"""When a workflow's trigger fires: on a schedule, on changes of instances, or on records of a stream."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

from sandbox.cdf.api.fields import Change, Check, Field, InvalidError, anything, integer, list_of, record, text
from sandbox.cdf.api.http import AnyJson, ApiError, Json


def _object(value: AnyJson) -> None:
    if not isinstance(value, dict):
        raise InvalidError("must be an object")


def _cron(value: AnyJson) -> None:
    text(255)(value)
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise InvalidError(f"{value!r} is no cron expression of five fields")
    try:
        croniter(value).get_next()
    except CroniterError as error:
        raise InvalidError(f"Invalid cron expression: the provided schedule [{value}] will never fire.") from error


def _zone(value: AnyJson) -> None:
    text(255)(value)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError(f"{value!r} is no time zone") from error


def _required(check: Check) -> Field:
    return Field(check, Change.NEVER, required=True)


def _option(check: Check) -> Field:
    return Field(check, Change.NEVER)


_TYPE = _required(text(255))
_RULES = {
    "schedule": record(triggerType=_TYPE, cronExpression=_required(_cron), timezone=_option(_zone)),
    "dataModeling": record(
        triggerType=_TYPE,
        dataModelingQuery=_required(_object),
        batchSize=_required(integer(1, 1000)),
        batchTimeout=_required(integer(10, 86_400)),
    ),
    "recordStream": record(
        triggerType=_TYPE,
        streamExternalId=_required(text(100, minimum=1)),
        filter=_option(anything),
        sources=_option(list_of(_object, 1000)),
        batchSize=_required(integer(1, 100)),
        batchTimeout=_required(integer(10, 86_400)),
    ),
}
"""By kind, what a rule says: the Toolkit's `WorkflowTriggerYAML`."""


def checked_rule(sent: Json) -> Json:
    """A trigger's rule with the API's defaults.

    Raises:
        ApiError: 400 for an unknown kind, or what a rule of its kind cannot say.
    """
    kind = str(sent.get("triggerType"))
    if kind not in _RULES:
        raise ApiError(400, f"triggerRule: unknown triggerType {kind}, must be one of {', '.join(_RULES)}")
    try:
        _RULES[kind](sent)
    except InvalidError as error:
        raise ApiError(400, f"triggerRule: {error}") from error
    return ({"timezone": "UTC"} | sent) if kind == "schedule" else sent
