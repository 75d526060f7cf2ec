"""The extraction pipeline: where a run's settings come from and where its outcome is shown."""

from typing import Literal

from plex_cdf.cdf.api import CdfApi
from plex_cdf.errors import ConfigurationError, PlexCdfError
from plex_cdf.log import Log
from plex_cdf.naming import cut

# The API's limit, in characters; cut by bytes, which are never fewer.
MESSAGE_BYTES = 1000


class Pipeline:
    """One extraction pipeline.

    Args:
        api: The way to CDF.
        external_id: For example `plex_340884_jobs`.
    """

    def __init__(self, api: CdfApi, external_id: str) -> None:
        self._api = api
        self.external_id = external_id

    def config(self) -> str:
        """The newest revision of its config, as YAML text.

        Raises:
            ConfigurationError: There is no such pipeline, or it has no config.
        """
        answer = self._api.get("/extpipes/config", {"externalId": self.external_id})
        if answer is None:
            raise ConfigurationError(
                f'there is no extraction pipeline {self.external_id} with a config (the call\'s data, key "pipeline"): '
                "name one that this project has, or deploy the facility"
            )
        return str(answer.get("config") or "")

    def report(self, status: Literal["success", "failure", "seen"], message: str, log: Log) -> None:
        """Posts a run. A run that cannot be posted is logged: the work it reports on is done either way."""
        item = {
            "externalId": self.external_id,
            "status": status,
            "message": cut(log.redactor.text(message), MESSAGE_BYTES),
        }
        try:
            self._api.post("/extpipes/runs", {"items": [item]})
        except PlexCdfError as error:
            log.failure("pipeline run not posted", error, pipeline=self.external_id, status=status)
