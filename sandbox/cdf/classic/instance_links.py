"""Files and time series can be named by the node that stands for them; none here has one."""

from __future__ import annotations

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.classic.asset_links import AssetLinked

_NODE = {"space", "externalId"}


class InstanceLinked(AssetLinked):
    """Rows that CDF's own data model (`CogniteFile`, `CogniteTimeSeries`) has nodes for.

    That model is not here, so an ``instanceId`` names no row: unknown, as in a project whose nodes are all of other
    kinds. The Toolkit asks so before it deletes nodes (`commands/_purge.py`: `NodesToDelete`).
    """

    def key(self, item: Json) -> int | None:
        """As `Store.key`; nothing for a node.

        Raises:
            ApiError: 400 for an ``instanceId`` that can be no node's, or stands beside another name.
        """
        node = item.get("instanceId")
        if node is None:
            return super().key(item)
        if (
            not isinstance(node, dict)
            or node.keys() != _NODE
            or not all(isinstance(each, str) for each in node.values())
        ):
            raise ApiError(400, f"instanceId: must be {{space, externalId}} of a node, is {node!r}")
        if item.get("id") is not None or item.get("externalId") is not None:
            raise ApiError(400, "Only one of id, externalId and instanceId may be given")
        return None
