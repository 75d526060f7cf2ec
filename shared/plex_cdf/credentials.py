"""The facility's credentials, out of the function secret that holds those of all facilities."""

import base64
import binascii
import json
from collections.abc import Mapping
from contextlib import suppress

from pydantic import Field, ValidationError

from plex_cdf.config import Model, accepted
from plex_cdf.errors import ConfigurationError

SECRET = "plex-keys"  # noqa: S105  # the name of the function secret, not its value
# What a header may hold: printable ASCII without blanks.
_HEADER = r"^[!-~]+$"


_DATA_SOURCE_ACCOUNT = {"dsUser", "dsPassword"}


class PlexKey(Model):
    """The credentials of one facility."""

    api_key: str = Field(pattern=_HEADER)
    api_secret: str | None = Field(default=None, pattern=_HEADER)
    ds_user: str | None = None
    ds_password: str | None = None


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
    entry = _entry(keys, pcn) if isinstance(keys, dict) else None
    if entry is None:
        raise ConfigurationError(f"the secret {SECRET} has neither an entry for PCN {pcn} nor a default: {mend}")
    try:
        return PlexKey.model_validate(entry)
    except ValidationError as error:
        known = accepted(PlexKey, ())
        # A key that is not one of ours may be a credential in the wrong place.
        places = {str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors()}
        names = {place if place in known else "an unknown key" for place in places if place}
        raise ConfigurationError(
            f"the secret {SECRET}, entry for PCN {pcn}: {', '.join(sorted(names)) or 'not an object'} is wrong; "
            f"accepted keys: {', '.join(known)}. {mend}"
        ) from None


def _entry(keys: dict[str, object], pcn: int) -> object:
    """A facility's own entry; one with a Data Source account alone, which picks its PCN, takes the shared API key."""
    own, shared = keys.get(str(pcn)), keys.get("default")
    if isinstance(shared, dict):
        # Such an account reads a PCN of its own, whichever facility it is used for.
        shared = {name: value for name, value in shared.items() if name not in _DATA_SOURCE_ACCOUNT}
    if own is None:
        return shared
    if isinstance(own, dict) and isinstance(shared, dict) and own and own.keys() <= _DATA_SOURCE_ACCOUNT:
        return own | shared
    return own


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
