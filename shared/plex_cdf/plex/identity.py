"""From the integer keys that data sources know to the UUIDs that the REST API knows."""

from collections.abc import Sequence

from plex_cdf.errors import ConfigurationError, ParameterError, TransientError
from plex_cdf.plex.client import PlexClient

PATH = "/platform/identity-mappings/v1/keys-to-ids"
KEYS_PER_CALL = 5000


def ids_by_key(plex: PlexClient, name: str, key: str, keys: Sequence[int]) -> dict[int, str]:
    """The UUIDs of things, as far as Plex knows them.

    Args:
        plex: The REST API.
        name: The standard object, such as `Part`. Plex publishes no list of them.
        key: What the identity mappings call its key, such as `Part_Key`.
        keys: The integer keys.

    Raises:
        ConfigurationError: Plex does not know the object, or its key by that name, or may not be asked.
        TransientError: Plex cannot be asked now.
    """
    found: dict[int, str] = {}
    for start in range(0, len(keys), KEYS_PER_CALL):
        identifiers = [{key: each} for each in keys[start : start + KEYS_PER_CALL]]
        try:
            answer = plex.row(PATH, {"standardObjectName": name, "recordIdentifiers": identifiers})
        except ParameterError as error:
            raise ConfigurationError(
                f"{error}; correct object {name} and objectKey {key} of a link under dataSources in the pipeline's "
                "config, or remove the link"
            ) from None
        if answer is None:
            raise ConfigurationError(
                f"Plex has no {PATH} for this key: subscribe its app to that API product in the Plex developer portal, "
                f"or remove the links with object {name} under dataSources in the pipeline's config"
            )
        records = answer.get("recordIdentifiers")
        if not isinstance(records, list):
            raise TransientError(f"Plex answered POST {PATH} without recordIdentifiers")
        found |= {
            each[key]: str(each["id"]) for each in records if isinstance(each, dict) and each.get("id") and key in each
        }
    return found
