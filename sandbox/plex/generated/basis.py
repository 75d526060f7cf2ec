"""What everything that the generator makes of one plant is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.plex.generated.jobs import Job, Routings
    from sandbox.plex.generated.master import MasterData
    from sandbox.plex.generated.size import Size
    from sandbox.plex.generated.untidiness import Untidiness
    from sandbox.plex.plants.plant import Ids


@dataclass(frozen=True)
class Basis:
    """A plant before anything has happened in it.

    Attributes:
        seed: What the chance begins with.
        begins: When the plant's time begins.
        ends: When it ends.
        size: How much of everything.
        master: The master data.
        jobs: All jobs.
        routings: What they are made by.
        ids: The tenant's ids.
        untidy: How untidy it is.
    """

    seed: str
    begins: datetime
    ends: datetime
    size: Size
    master: MasterData
    jobs: Sequence[Job]
    routings: Routings
    ids: Ids
    untidy: Untidiness

    def moment(self, share: float) -> datetime:
        """When a share of the plant's time has passed."""
        return self.begins + (self.ends - self.begins) * share
