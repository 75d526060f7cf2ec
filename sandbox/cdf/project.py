"""The state of one CDF project."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sandbox.cdf.assets import Assets
from sandbox.cdf.data_sets import DataSets
from sandbox.cdf.datapoints import Datapoints
from sandbox.cdf.events import Events
from sandbox.cdf.extraction_pipelines import ExtractionPipelines
from sandbox.cdf.files import Files
from sandbox.cdf.groups import Groups
from sandbox.cdf.http import Json
from sandbox.cdf.identity import Identities
from sandbox.cdf.instances import Instances
from sandbox.cdf.models import Definitions
from sandbox.cdf.raw import Raw
from sandbox.cdf.relationships import Labels, Relationships
from sandbox.cdf.sequences import Sequences
from sandbox.cdf.time_series import TimeSeries


@runtime_checkable
class Persisted(Protocol):
    """A part of the project that outlives a restart when the project has a state file."""

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Key and JSON value of each thing to keep."""
        ...

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        ...


Hook = Callable[[], Awaitable[None]]


class Project:
    """One project: its name, who may log in, and one store per resource.

    Attributes:
        url: the address by which the latest client reached this server.
        environments: folder that keeps the Python environments of functions.
        functions: the store of functions; the functions part puts it here.
        persisted: by name, what goes into the state file.
        on_start: called once the server runs, in order.
        on_stop: called before the server ends, before the state is written.
    """

    def __init__(self, name: str, clients: Mapping[str, str], environments: Path) -> None:
        self.name = name
        self.url = ""
        self.environments = environments
        self.functions: Any = None
        self.on_start: list[Hook] = []
        self.on_stop: list[Hook] = []
        self._last_id = random.randrange(2**40, 2**41)
        self.identities = Identities(clients, self.new_id)
        self.data_sets = DataSets(self)
        self.labels = Labels(self)
        self.assets = Assets(self)
        self.events = Events(self)
        self.time_series = TimeSeries(self)
        self.datapoints = Datapoints(self)
        self.sequences = Sequences(self)
        self.files = Files(self)
        self.relationships = Relationships(self)
        self.extraction_pipelines = ExtractionPipelines(self)
        self.groups = Groups(self)
        self.raw = Raw(self)
        self.spaces = Definitions(self, "space")
        self.containers = Definitions(self, "space", "externalId")
        self.views = Definitions(self, "space", "externalId", "version")
        self.instances = Instances(self)
        self.persisted: dict[str, Persisted] = {
            "project": self,
            **{name: part for name, part in vars(self).items() if isinstance(part, Persisted)},
        }

    def new_id(self) -> int:
        """A new positive id below 2**53, larger than all before it (so listings by id are listings by age)."""
        self._last_id += random.randrange(1, 2**20)
        return self._last_id

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def dump(self) -> Iterator[tuple[str, Json]]:
        """What the project itself keeps: the last id that it gave."""
        yield "ids", {"last": self._last_id}

    def load(self, key: str, value: Json) -> None:  # noqa: ARG002 - the project keeps one thing
        """Take back what `dump` gave."""
        self._last_id = value["last"]
