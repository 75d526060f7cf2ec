"""External ids to CDF's own ids: in bulk, each asked for once a run, unknown ones remembered too."""

from collections.abc import Iterable

from plex_cdf.cdf.api import CdfApi
from plex_cdf.deadline import Deadline
from plex_cdf.errors import ConfigurationError

IDS_PER_CALL = 1000


class Resolver:
    """The ids of assets and data sets.

    Args:
        api: The way to CDF.
        deadline: Asked between requests.
    """

    def __init__(self, api: CdfApi, deadline: Deadline) -> None:
        self._api = api
        self._deadline = deadline
        self._assets: dict[str, int | None] = {}
        self._data_sets: dict[str, int] = {}

    def assets(self, external_ids: Iterable[str]) -> dict[str, int]:
        """The ids of those assets that exist."""
        wanted = set(external_ids)
        unknown = sorted(wanted - self._assets.keys())
        for start in range(0, len(unknown), IDS_PER_CALL):
            self._deadline.check()
            chunk = unknown[start : start + IDS_PER_CALL]
            items = [{"externalId": external_id} for external_id in chunk]
            answer = self._api.post("/assets/byids", {"items": items, "ignoreUnknownIds": True})
            self._assets |= dict.fromkeys(chunk) | {found["externalId"]: found["id"] for found in answer["items"]}
        return self.known(wanted)

    def known(self, external_ids: Iterable[str]) -> dict[str, int]:
        """The ids of those assets that this run has found or created already; nothing is asked."""
        return {name: found for name in external_ids if (found := self._assets.get(name)) is not None}

    def learn(self, external_id: str, asset_id: int) -> None:
        """Notes an asset that this run has just created."""
        self._assets[external_id] = asset_id

    def data_set(self, external_id: str) -> int:
        """The id of a data set.

        Raises:
            ConfigurationError: It does not exist, or this call's identity may not see it.
        """
        if external_id not in self._data_sets:
            body = {"items": [{"externalId": external_id}], "ignoreUnknownIds": True}
            found = self._api.post("/datasets/byids", body)["items"]
            if not found:
                raise ConfigurationError(
                    f"data set {external_id} does not exist, or the group of this call's identity lacks READ on it: "
                    "deploy the facility, and check facility.pcn in the pipeline's config"
                )
            self._data_sets[external_id] = found[0]["id"]
        return self._data_sets[external_id]
