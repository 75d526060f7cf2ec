"""The state of one CDF project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, runtime_checkable

from sandbox.cdf.access.groups import Groups
from sandbox.cdf.access.identity import Identities
from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.api.http import Json
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.data_sets import DataSets
from sandbox.cdf.classic.events import Events
from sandbox.cdf.classic.extraction_pipelines import ExtractionPipelines
from sandbox.cdf.classic.files import Files
from sandbox.cdf.classic.labels import Labels
from sandbox.cdf.classic.relationships import Relationships
from sandbox.cdf.classic.sequences import Sequences
from sandbox.cdf.functions.store import FunctionStore
from sandbox.cdf.instances.store import Instances
from sandbox.cdf.instances.view_store import Views
from sandbox.cdf.points.time_series import TimeSeries
from sandbox.cdf.raw.store import Raw


@runtime_checkable
class Persisted(Protocol):
    """A part of the project that outlives a restart when the project has a state file."""

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Key and JSON value of each thing to keep."""
        ...

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        ...


class Project:
    """One project: its name, who may log in, and one store per resource. A store gets the stores that it refers to.

    Attributes:
        persisted: by name, what goes into the state file.
    """

    def __init__(self, name: str, clients: Mapping[str, str]) -> None:
        self.name = name
        self.ids = Ids()
        self.identities = Identities(clients, self.ids)
        self.groups = Groups(self.ids)
        self.security_categories = self.groups.security_categories
        self.data_sets = DataSets(self.ids)
        self.labels = Labels(self.ids, self.data_sets)
        common = (self.ids, self.data_sets, self.labels)
        self.assets = Assets(*common)
        self.events = Events(*common, self.assets)
        self.time_series = TimeSeries(*common, self.assets)
        self.datapoints = self.time_series.points
        self.sequences = Sequences(*common, self.assets)
        self.files = Files(*common, self.assets)
        ends = {
            "asset": self.assets,
            "event": self.events,
            "timeSeries": self.time_series,
            "file": self.files,
            "sequence": self.sequences,
        }
        self.relationships = Relationships(*common, ends)
        self.extraction_pipelines = ExtractionPipelines(self.ids, self.data_sets)
        self.raw = Raw()
        self.spaces = Definitions("space")
        self.containers = Definitions("space", "externalId")
        self.views = Views(self.containers)
        self.data_models = Definitions("space", "externalId", "version")
        self.instances = Instances(self.ids, self.spaces, self.containers, self.views)
        self.workflows = Definitions("externalId", always={})
        self.workflow_versions = Definitions("workflowExternalId", "version", always={})
        self.workflow_triggers = Definitions("externalId", always={})
        self.functions = FunctionStore()
        self.persisted = {name: part for name, part in vars(self).items() if isinstance(part, Persisted)}
