"""One facility of the demo: what Plex answers for it and what CDF holds of it, and whether the two agree."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.demo import comparing, comparing_sources
from sandbox.demo.content import Content
from sandbox.demo.counting import counts
from sandbox.demo.promises import Promise
from sandbox.demo.tenant import Tenant, changed_keys, size
from sandbox.plex import Plant


@dataclass
class Factory:
    """One facility.

    Attributes:
        name: What people call it.
        plant: What Plex holds of it.
        before: What Plex answered at the first pass.
        after: What it answers at the last one.
        content: What CDF holds at the end.
    """

    name: str
    plant: Plant
    before: Tenant = field(default_factory=dict)
    after: Tenant = field(default_factory=dict)
    content: Content = field(default_factory=Content)

    @property
    def title(self) -> str:
        """Name, code, PCN and time of the plant, in words."""
        begins, ends = self.plant.begins, self.plant.ends
        return f"{self.name} (PCN {self.plant.pcn}), {begins:%Y-%m-%d} to {ends:%Y-%m-%d}"

    @property
    def counts(self) -> dict[str, int | float]:
        """How many of each kind CDF holds."""
        return counts(self.content, self.after)

    @property
    def rows(self) -> int:
        """How many rows Plex has."""
        return size(self.after)

    @property
    def changed(self) -> int:
        """How many of them are new, differ or vanished since the first pass."""
        return len(changed_keys(self.before, self.after))

    def check_first(self, content: Content) -> Promise:
        """What is compared after the first pass.

        Args:
            content: What CDF holds then.
        """
        return comparing.holds_what_plex_holds(content, self.before, 1)

    def check_last(self) -> list[Promise]:
        """What is compared at the end."""
        content, tenant = self.content, self.after
        return [
            comparing.holds_what_plex_holds(content, tenant, 3),
            comparing.everything_linked(content, tenant),
            comparing.components_listed(content, tenant),
            comparing.rates_listed(content, tenant),
            comparing.operations_related(content, tenant),
            comparing.progress_kept(content, self.before, tenant),
            comparing.histories_told(content, tenant),
            comparing.pieces_add_up(content, tenant),
            comparing.oee_holds(content, tenant),
            comparing.stock_adds_up(content, tenant),
            comparing_sources.data_sources_told(content, tenant),
        ]
