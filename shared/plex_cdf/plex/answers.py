"""What is read alike from the answers of both of Plex's APIs: the words of an error, and how long it asks to wait."""

from typing import Any

import requests


def message(response: requests.Response) -> str:
    """Codes and messages of an error body; some statuses come without one, or with HTML."""
    words = [part.get(name) for part in _parts(response) for name in ("code", "message")]
    return " ".join(str(word) for word in words if word)


def codes(response: requests.Response) -> list[str]:
    """The codes of an error body, which are constants, as its messages are not."""
    return [str(part["code"]) for part in _parts(response) if part.get("code")]


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the answer asks to wait."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _parts(response: requests.Response) -> list[dict[str, Any]]:
    """The objects of an error body that may have a code and a message: itself, and those in its list of errors."""
    try:
        body = response.json()
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    errors = body.get("errors")
    return [part for part in (body, *(errors if isinstance(errors, list) else [])) if isinstance(part, dict)]
