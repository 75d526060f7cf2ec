"""The Plex credentials of all facilities as one deploy variable: `python -m tools.keys keys.json`.

keys.json holds, by Plexus Customer Number,

    {"340884": {"apiKey": "…", "apiSecret": "…", "dsUser": "…", "dsPassword": "…"}, "default": {"apiKey": "…"}}

where only apiKey is required. `default` is a key that facilities without one of their own share. The Data Source
account picks its PCN by itself, so it is only accepted under a PCN. What is printed is base64: the Toolkit pastes
variables into YAML as they are, and bare JSON would break it.
"""

import base64
import binascii
import json
import sys
from pathlib import Path
from typing import Any

DEFAULT = "default"
FIELDS = ("apiKey", "apiSecret", "dsUser", "dsPassword")
# Sent as HTTP headers.
HEADER_FIELDS = ("apiKey", "apiSecret")
DATA_SOURCE_FIELDS = ("dsUser", "dsPassword")

Keys = dict[str, dict[str, str]]


class KeysError(ValueError):
    """The keys cannot be used. The message names the entry and the field, never a value."""


def parse(text: str) -> Keys:
    """Check the JSON of keys.json.

    Raises:
        KeysError: saying which entry is wrong and what is accepted.
    """
    try:
        content = json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        # The error's own text is safe: it names a position and what was expected there.
        raise KeysError(f"the keys are not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    if not isinstance(content, dict) or not content:
        raise KeysError('the keys must be a JSON object by PCN, such as {"340884": {"apiKey": "…"}}')
    for name, entry in content.items():
        _check_entry(name, entry, shared=DEFAULT in content)
    return content


def encode(keys: Keys) -> str:
    """The value of PLEX_KEYS. The same keys give the same value, so that a deploy sees whether they changed."""
    return base64.b64encode(json.dumps(keys, sort_keys=True, separators=(",", ":")).encode()).decode()


def decode(value: str) -> Keys:
    """The keys in a value of PLEX_KEYS.

    Raises:
        KeysError: when it is not what `encode` makes.
    """
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise KeysError("the value is not base64 of JSON") from None
    return parse(text)


def _check_entry(name: str, entry: object, *, shared: bool) -> None:
    if name != DEFAULT and not (name.isascii() and name.isdigit()):
        raise KeysError(f'"{name}" is neither a PCN (digits only) nor "{DEFAULT}"')
    if not isinstance(entry, dict):
        raise KeysError(f'"{name}" must be an object with apiKey, such as {{"apiKey": "…"}}')
    for field, value in entry.items():
        if field not in FIELDS:
            raise KeysError(f'"{name}" has an unknown field "{field}"; known are {", ".join(FIELDS)}')
        if not isinstance(value, str) or not value.strip():
            raise KeysError(f'"{name}": {field} must be a text that is not empty')
        if value != value.strip() or not value.isprintable():
            raise KeysError(
                f'"{name}": {field} begins or ends with a space, or holds a character that cannot be printed'
            )
        if field in HEADER_FIELDS and (" " in value or not value.isascii()):
            raise KeysError(f'"{name}": {field} holds a space or a character beyond ASCII, which no Plex key does')
    if "apiKey" not in entry and (name == DEFAULT or not shared):
        raise KeysError(f'"{name}" lacks apiKey')
    given = [field for field in DATA_SOURCE_FIELDS if field in entry]
    if given and name == DEFAULT:
        raise KeysError(
            f'"{DEFAULT}" may not hold {given[0]}: the Data Source account picks its PCN, put it under that PCN'
        )
    if len(given) == 1:
        raise KeysError(f'"{name}" has {given[0]} alone; {" and ".join(DATA_SOURCE_FIELDS)} go together')


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise KeysError(f'"{name}" is there more than once')
    return dict(pairs)


def main(arguments: list[str]) -> int:
    """Print the value of PLEX_KEYS for a file, `-` for standard input."""
    if len(arguments) != 1:
        print("usage: python -m tools.keys keys.json   (- reads standard input)", file=sys.stderr)
        return 2
    try:
        text = sys.stdin.read() if arguments[0] == "-" else Path(arguments[0]).read_text(encoding="utf-8-sig")
        print(encode(parse(text)))
    except (KeysError, OSError, UnicodeDecodeError) as error:
        # A decoding error prints the bytes that it stumbled over.
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        print(f"keys: {arguments[0]}: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
