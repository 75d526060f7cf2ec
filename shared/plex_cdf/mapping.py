"""What mappings share: what people read, and links to other things."""

from plex_cdf.naming import Naming


def label(*parts: str | int | None) -> str:
    """What people read: the parts that there are, each once; many plants give a thing's number as its name too."""
    return " ".join(dict.fromkeys(str(part) for part in parts if part not in (None, "")))


def links(naming: Naming, *things: tuple[str, str | None]) -> tuple[str, ...]:
    """The external ids of things by kind and key, each once; those without a key are left out."""
    return tuple(dict.fromkeys(naming.id(kind, key) for kind, key in things if key))


def lacking(*values: object) -> int:
    """How much of what describes a series its row lacks: any later value counts more than all before it together."""
    return sum(1 << place for place, value in enumerate(values) if value in (None, ""))


def job_link(naming: Naming, job_id: str | None) -> dict[str, str]:
    """The metadata that lead from an event to its job, which is an event too and so cannot be linked."""
    return {"jobExternalId": naming.id("JOB", job_id)} if job_id else {}
