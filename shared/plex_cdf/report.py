"""What a run says about itself: the function's answer, and one sentence for the extraction pipeline."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

PLANNED_EXAMPLES = 20
Status = Literal["success", "partial", "skipped"]


@dataclass
class StreamReport:
    """The figures of one stream. Rows read = created + updated + unchanged + quarantined.

    A row counts as created when its main resource is new, as updated when anything that it stands for was written.
    `truncated` and `reordered` count rows that did not fit CDF as they were, `linked` those whose links were
    completed, `pending` the calls that wait in a queue. `watermark` is the instant of Plex's clock up to which CDF is
    known to agree.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retracted: int = 0
    quarantined: int = 0
    truncated: int = 0
    reordered: int = 0
    linked: int = 0
    pending: int = 0
    watermark: str | None = None
    plan: dict[str, list[Any]] | None = None

    def planned(self, what: str, example: object) -> None:
        """Notes what a dry run would do, a few examples of each."""
        self.plan = self.plan if self.plan is not None else {}
        examples = self.plan.setdefault(what, [])
        if len(examples) < PLANNED_EXAMPLES:
            examples.append(example)

    def answer(self) -> dict[str, Any]:
        """The figures as JSON; the plan only of a dry run."""
        figures = asdict(self)
        if self.plan is None:
            del figures["plan"]
        return figures


@dataclass
class Report:
    """The figures of a run."""

    extractor: str
    facility: int
    run_id: str
    mode: str
    dry_run: bool
    streams: dict[str, StreamReport] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def stream(self, name: str) -> StreamReport:
        """A stream's figures."""
        return self.streams.setdefault(name, StreamReport())

    def note(self, text: str) -> None:
        """Something that a person should know, once."""
        if text not in self.notes:
            self.notes.append(text)

    def answer(self, status: Status, *, plex_calls: int, cdf_calls: int, seconds: float) -> dict[str, Any]:
        """The call's answer as JSON."""
        return {
            "status": status,
            "extractor": self.extractor,
            "facility": self.facility,
            "runId": self.run_id,
            "mode": self.mode,
            "dryRun": self.dry_run,
            "streams": {name: stream.answer() for name, stream in self.streams.items()},
            "notes": self.notes,
            "plexCalls": plex_calls,
            "cdfCalls": cdf_calls,
            "seconds": round(seconds, 3),
        }

    def sentence(self, status: str) -> str:
        """The run in one line, for the extraction pipeline."""
        total = {
            name: sum(getattr(stream, name) for stream in self.streams.values())
            for name in ("rows", "created", "updated", "unchanged", "retracted", "quarantined", "truncated")
        }
        figures = ", ".join(f"{value} {name}" for name, value in total.items() if value or name == "rows")
        return f"{status}: {figures}. " + " ".join(f"{note}." for note in self.notes) + f" Run {self.run_id}"
