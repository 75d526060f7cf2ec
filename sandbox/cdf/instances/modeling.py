"""What the definitions of data modeling and its instances are kept in."""

from typing import Protocol

from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.instances.store import Instances
from sandbox.cdf.instances.view_store import Views

MAX_ITEMS = 100
"""Most definitions in one request."""


class DataModeling(Protocol):
    """A project, as data modeling sees it."""

    spaces: Definitions
    containers: Definitions
    views: Views
    data_models: Definitions
    instances: Instances
