"""What is read alike from the answers of both of Plex's APIs: the words of an error, and how long it asks to wait."""

from typing import Any

from plex_cdf.plex.exchange import Answer


def message(answer: Answer) -> str:
    """Codes and messages of an error body; some statuses come without one, or with HTML."""
    words = [part.get(name) for part in _parts(answer) for name in ("code", "message")]
    return " ".join(str(word) for word in words if word)


def codes(answer: Answer) -> list[str]:
    """The codes of an error body, which are constants, as its messages are not."""
    return [str(part["code"]) for part in _parts(answer) if part.get("code")]


def retry_after(answer: Answer) -> float | None:
    """Seconds that the answer asks to wait."""
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _parts(answer: Answer) -> list[dict[str, Any]]:
    """The objects of an error body that may have a code and a message: itself, and those in its list of errors."""
    try:
        body = answer.json()
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    errors = body.get("errors")
    return [part for part in (body, *(errors if isinstance(errors, list) else [])) if isinstance(part, dict)]
