"""One call of a function's `handle()`, from its payload to its answer."""

import gc
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cognite.client import CogniteClient

from plex_cdf.cdf.api import CdfApi, single_retry_layer
from plex_cdf.cdf.pipeline import Pipeline
from plex_cdf.config import read_payload, read_settings
from plex_cdf.credentials import read_key, secret_values
from plex_cdf.deadline import Deadline
from plex_cdf.errors import ConfigurationError, PlexCdfError
from plex_cdf.log import Log, Redactor
from plex_cdf.report import Report
from plex_cdf.retry import Retry
from plex_cdf.run.call import OUTSIDE, Call, Outside
from plex_cdf.run.execution import Run
from plex_cdf.stream import Extractor

DEFAULT_SECONDS = 7 * 60
# A run makes some hundred objects of each row, nearly all of which live until their window is written: looking for
# garbage as often as Python does by itself takes a fifth of a first load's time.
OBJECTS_BETWEEN_COLLECTIONS = (50_000, 20, 20)


def run(
    extractor: Extractor[Any],
    *,
    client: CogniteClient,
    data: Mapping[str, Any] | None,
    secrets: Mapping[str, str] | None,
    function_call_info: Mapping[str, Any] | None,
    outside: Outside = OUTSIDE,
) -> dict[str, Any]:
    """One run of an extractor for one facility.

    Args:
        extractor: What to run.
        client: The platform's, with the identity of this call.
        data: `{"pipeline": "plex_340884_jobs"}`, optionally with `mode`, `since`, `until`, `streams`, `dryRun`.
        secrets: The function's secrets, with `plex-keys`.
        function_call_info: The platform's facts about this call.
        outside: Sessions and clocks.

    Returns:
        The figures of the run as JSON; status `success`, `partial` (time was up, the next call resumes) or `skipped`.

    Raises:
        PlexCdfError: So that CDF shows the call as failed; the extraction pipeline has a failure run that says what
        to do.
    """
    call_id = (function_call_info or {}).get("call_id")
    run_id = f"call-{call_id}" if call_id else f"run-{uuid.uuid4().hex[:12]}"
    log = Log(Redactor(secret_values(secrets)), runId=run_id, callId=call_id, extractor=extractor.name)
    deadline = Deadline(DEFAULT_SECONDS, outside.monotonic)
    with single_retry_layer(), collecting_seldom():
        api = CdfApi(client, Retry(deadline, sleep=outside.sleep))
        named = data.get("pipeline") if isinstance(data, Mapping) else None
        pipeline = Pipeline(api, str(named))
        try:
            payload = read_payload(data)
            _check_pipeline(payload.pipeline, extractor.name)
            settings = read_settings(extractor.settings, payload.pipeline, pipeline.config())
            deadline.limit(settings.time_limit_minutes * 60)
            key = read_key(secrets, settings.facility.pcn)
            log = log.bind(facility=settings.facility.pcn)
            report = Report(extractor.name, settings.facility.pcn, run_id, payload.mode, payload.dry_run)
            call = Call(extractor, payload, settings, key, api, pipeline, report, log, deadline, outside)
            return Run(call).execute()
        except Exception as error:
            log.failure("failed", error)
            # Whoever looks after another function's pipeline has nothing to mend.
            if _is_own(named, extractor.name) and not _is_dry(data):
                pipeline.report("failure", f"{error} Run {run_id}", log)
            shown = log.redactor.text(str(error))
            if shown != str(error):
                # The platform shows the error of a failed call to everybody who may see the function.
                raise PlexCdfError(shown) from None
            raise


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Has Python look for garbage less often while a run lasts."""
    before = gc.get_threshold()
    gc.set_threshold(*OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _check_pipeline(pipeline: str, extractor: str) -> None:
    if not _is_own(pipeline, extractor):
        raise ConfigurationError(
            f"the call's data: pipeline is {pipeline!r}, which is not this function's: plex_{extractor} runs those "
            f"called plex_{{pcn}}_{extractor}"
        )


def _is_own(pipeline: object, extractor: str) -> bool:
    return str(pipeline).endswith(f"_{extractor}")


def _is_dry(data: object) -> bool:
    return isinstance(data, Mapping) and data.get("dryRun") is True
