"""What a group can grant: every access control list with its actions and scopes.

Sources: `data_classes/capabilities.py` of the SDK, `client/resource_classes/group/acls.py` of the Toolkit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.cdf.api.fields import InvalidError
from sandbox.cdf.api.http import AnyJson, Json

_TABLE = {
    ("READ", ""): "auditlogAcl cogUnitsAcl slaAcl userProfilesAcl",
    ("READ WRITE", ""): (
        "diagramParsingAcl digitalTwinAcl documentPipelinesAcl entitymatchingAcl filePipelinesAcl geospatialAcl"
        " geospatialCrsAcl hostedExtractorsAcl integrationConfigsAcl monitoringTasksAcl notificationsAcl pipelinesAcl"
        " scheduledCalculationsAcl typesAcl visionModelAcl wellsAcl"
    ),
    ("READ WRITE", "datasetScope"): (
        "assetsAcl eventsAcl filesAcl labelsAcl relationshipsAcl sequencesAcl templateGroupsAcl templateInstancesAcl"
        " timeSeriesSubscriptionsAcl transformationsAcl workflowOrchestrationAcl"
    ),
    ("READ WRITE", "datasetScope idScope assetRootIdScope"): "timeSeriesAcl",
    ("READ WRITE", "datasetScope idScope"): "extractionPipelinesAcl",
    ("READ WRITE", "datasetScope extractionPipelineScope"): "extractionConfigsAcl extractionRunsAcl",
    ("READ WRITE", "idScope"): "locationFiltersAcl",
    ("READ WRITE", "spaceIdScope"): "dataModelsAcl streamRecordsAcl",
    ("READ WRITE", "appScope"): "appConfigAcl",
    ("READ WRITE", "currentuserscope"): "subscribeSignalsAcl",
    ("READ WRITE", "instancesScope"): "sapWritebackAcl",
    ("READ WRITE", "partition"): "seismicAcl",
    ("READ WRITE", "usersScope"): "postgresGatewayAcl",
    ("READ WRITE LIST", "tableScope"): "rawAcl",
    ("READ WRITE OWNER", "idScope"): "datasetsAcl",
    ("READ WRITE RUN", ""): "functionsAcl",
    ("READ WRITE RUN", "agentExternalIdScope"): "agentsAcl",
    ("READ WRITE RUN", "appExternalIdScope"): "appHostingAcl",
    ("READ WRITE USE", ""): "integrationsAcl",
    ("READ WRITE USE", "datasetScope"): "transformationsExternalDataSourcesAcl",
    ("READ WRITE WRITE_PROPERTIES", "spaceIdScope"): "dataModelInstancesAcl",
    ("READ WRITE SUGGEST REVIEW", ""): "annotationsAcl",
    ("READ WRITE SUBSCRIBE PUBLISH", "datasetScope"): "videoStreamingAcl",
    ("READ WRITE DELETE RUN MANAGE", "datasetScope"): "simulatorsAcl",
    ("READ CREATE DELETE", ""): "documentFeedbackAcl streamsAcl",
    ("READ CREATE UPDATE DELETE", ""): "ruleSetsAcl",
    ("READ CREATE UPDATE DELETE", "datasetScope"): "roboticsAcl threedAcl",
    ("READ CREATE UPDATE DELETE USE", "dataProductScope"): "dataProductsAcl",
    ("READ CREATE UPDATE DELETE LIST", ""): "projectsAcl",
    ("READ CREATE UPDATE DELETE LIST", "currentuserscope"): "groupsAcl",
    ("READ UPDATE DELETE", ""): "chartsAdminAcl",
    ("READ EXECUTE LIST", ""): "analyticsAcl",
    ("WRITE LIST", "instancesScope"): "sapWritebackRequestsAcl",
    ("LIST CREATE DELETE", ""): "sessionsAcl",
    ("LIST CREATE UPDATE DELETE MEMBEROF", "idScope"): "securityCategoriesAcl",
}


@dataclass(frozen=True)
class AccessControlList:
    """What can be granted of one kind of resource.

    Attributes:
        actions: such as ``READ``.
        scopes: beside ``all``, such as ``datasetScope``. Their case does not matter, as it differs between resources.
    """

    actions: tuple[str, ...]
    scopes: tuple[str, ...]


ACCESS_CONTROL_LISTS = {
    name: AccessControlList(tuple(actions.split()), tuple(scopes.split()))
    for (actions, scopes), names in _TABLE.items()
    for name in names.split()
}


_UNKNOWN_TO_THE_SDK = {"ruleSetsAcl", "videoStreamingAcl"}
"""Lists that the Toolkit has and SDK 8.22 has not, which warns of each that it meets: administrators go without."""


def everything(project: str) -> list[Json]:
    """All that anyone may do in a project."""
    return [
        {name: {"actions": list(each.actions), "scope": {"all": {}}}, "projectScope": {"projects": [project]}}
        for name, each in ACCESS_CONTROL_LISTS.items()
        if name not in _UNKNOWN_TO_THE_SDK
    ]


def check(capability: AnyJson) -> None:
    """Refuse a capability that the API does not know.

    Raises:
        InvalidError: it is no object of one list with its actions and scope, or one of them is unknown.
    """
    if not isinstance(capability, dict) or len(capability) != 1:
        raise InvalidError("must be an object with one access control list")
    ((name, granted),) = capability.items()
    known = ACCESS_CONTROL_LISTS.get(name)
    if known is None:
        raise InvalidError(f"{name!r} is no access control list; known are {', '.join(sorted(ACCESS_CONTROL_LISTS))}")
    if not isinstance(granted, dict) or not {"actions", "scope"} <= granted.keys() <= {"actions", "scope", "version"}:
        raise InvalidError(f"{name}: must be an object with actions and scope")
    actions, scope = granted["actions"], granted["scope"]
    if not isinstance(actions, list) or not actions or not all(each in known.actions for each in actions):
        raise InvalidError(f"{name}.actions: {actions!r} must be a list of some of {', '.join(known.actions)}")
    scopes = ("all", *known.scopes)
    if not isinstance(scope, dict) or len(scope) != 1 or next(iter(scope)).lower() not in map(str.lower, scopes):
        raise InvalidError(f"{name}.scope: {scope!r} must be an object with one of {', '.join(scopes)}")
    if not isinstance(next(iter(scope.values())), dict):
        raise InvalidError(f"{name}.scope: the content of {next(iter(scope))} must be an object")
