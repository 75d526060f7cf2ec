"""Which capability every endpoint needs, as one table, and the guard that enforces it.

Sources of the rules: the actions and scopes in `cognite/client/data_classes/capabilities.py` of the SDK, and the
required capabilities that the API's reference names with each endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
from starlette.datastructures import QueryParams

from sandbox.cdf import places
from sandbox.cdf.access.rights import REFUSAL, Rights
from sandbox.cdf.api.http import ApiError, Json, unzipped
from sandbox.cdf.classic.sight import Sight
from sandbox.cdf.places import Asked, Finder, Place
from sandbox.cdf.points.routes import PROTOBUF, inserted
from sandbox.cdf.project import Project

AnswerPlace = Callable[[Project, Asked, Json], Place]


@dataclass(frozen=True)
class Rule:
    """What one endpoint needs. Where several rules fit a request, all of them must hold.

    Attributes:
        method: of HTTP.
        path: what the whole path below the project must match.
        acl: such as ``assetsAcl``; None for what everybody may do.
        action: such as ``WRITE``.
        find: where the request acts; None when any scope will do, as those who read see what lies in theirs.
        answer: where an item of the answer is, for lists of what no store of rows keeps.
    """

    method: str
    path: re.Pattern[str]
    acl: str | None
    action: str = ""
    find: Finder | None = None
    answer: AnswerPlace | None = None


def _rule(
    endpoint: str, acl: str | None, action: str = "", find: Finder | None = None, answer: AnswerPlace | None = None
) -> Rule:
    method, _, path = endpoint.partition(" ")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Rule(method, re.compile(pattern), acl, action, find, answer)


def _rows(path: str, acl: str, store: str, *, create: Finder = places.new_rows) -> Iterator[Rule]:
    """The endpoints of a resource whose rows lie in data sets."""
    yield _rule(f"POST {path}", acl, "WRITE", create)
    yield _rule(f"POST {path}/(update|delete)", acl, "WRITE", places.named_rows(store))
    yield _rule(f"POST {path}/(list|byids|aggregate|search|filter)", acl, "READ")
    yield _rule(f"GET {path}(/[0-9]+)?", acl, "READ")


def _data(path: str, acl: str, store: str) -> Iterator[Rule]:
    """The endpoints of what lies in a row: datapoints, rows of sequences."""
    yield _rule(f"POST {path}/data(/delete)?", acl, "WRITE", places.named_rows(store))
    yield _rule(f"POST {path}/data/(list|latest)", acl, "READ")


def _definitions(kind: str) -> Iterator[Rule]:
    """The endpoints of spaces, containers, views and data models."""
    path, acl = f"/models/{kind}", "dataModelsAcl"
    yield _rule(f"POST {path}(/((indexes|constraints)/)?delete)?", acl, "WRITE", places.spaces)
    yield _rule(f"POST {path}/(byids|inspect)", acl, "READ", None, places.space_of_answer)
    yield _rule(f"GET {path}", acl, "READ", None, places.space_of_answer)


_TABLE = "/raw/dbs/{database}/tables/{table}"
_NODES = "/models/instances"

RULES: tuple[Rule, ...] = (
    *_rows("/assets", "assetsAcl", "assets"),
    _rule("POST /assets/delete", "assetsAcl", "WRITE", places.asset_trees),
    *_rows("/events", "eventsAcl", "events"),
    *_rows("/timeseries", "timeSeriesAcl", "time_series"),
    *_data("/timeseries", "timeSeriesAcl", "time_series"),
    *_rows("/sequences", "sequencesAcl", "sequences"),
    *_data("/sequences", "sequencesAcl", "sequences"),
    *_rows("/relationships", "relationshipsAcl", "relationships"),
    *_rows("/labels", "labelsAcl", "labels"),
    *_rows("/files", "filesAcl", "files", create=places.new_file),
    _rule("POST /files/initmultipartupload", "filesAcl", "WRITE", places.new_file),
    _rule("POST /files/(uploadlink|multiuploadlink)", "filesAcl", "WRITE", places.named_rows("files")),
    _rule("POST /files/completemultipartupload", "filesAcl", "WRITE", places.named_file),
    _rule("POST /files/downloadlink", "filesAcl", "READ"),
    *_rows("/datasets", "datasetsAcl", "data_sets", create=places.whole_project),
    *_rows("/extpipes", "extractionPipelinesAcl", "extraction_pipelines"),
    _rule("POST /extpipes/runs", "extractionRunsAcl", "WRITE", places.pipelines),
    _rule("POST /extpipes/runs/list", "extractionRunsAcl", "READ", places.pipelines),
    _rule("GET /extpipes/runs", "extractionRunsAcl", "READ", places.pipelines),
    _rule("POST /extpipes/config(/revert)?", "extractionConfigsAcl", "WRITE", places.pipelines),
    _rule("GET /extpipes/config(/revisions)?", "extractionConfigsAcl", "READ", places.pipelines),
    _rule("POST /raw/dbs(/delete)?", "rawAcl", "WRITE", places.databases),
    _rule("GET /raw/dbs", "rawAcl", "LIST", None, places.database_of_answer),
    _rule("POST /raw/dbs/{database}/tables(/delete)?", "rawAcl", "WRITE", places.tables),
    _rule("GET /raw/dbs/{database}/tables", "rawAcl", "LIST", None, places.table_of_answer),
    _rule(f"POST {_TABLE}/rows(/delete)?", "rawAcl", "WRITE", places.table),
    _rule(f"GET {_TABLE}/(cursors|rows|rows/.+)", "rawAcl", "READ", places.table),
    *(rule for kind in ("spaces", "containers", "views", "datamodels") for rule in _definitions(kind)),
    _rule("GET /models/statistics", "dataModelsAcl", "READ", places.whole_project),
    _rule("GET /models/statistics/spaces", "dataModelsAcl", "READ", None, places.space_of_answer),
    _rule("POST /models/statistics/spaces/byids", "dataModelsAcl", "READ", None, places.space_of_answer),
    _rule(f"POST {_NODES}(/delete)?", "dataModelInstancesAcl", "WRITE", places.spaces),
    _rule(
        f"POST {_NODES}/(byids|list|search|query|sync)", "dataModelInstancesAcl", "READ", None, places.space_of_answer
    ),
    _rule(f"POST {_NODES}/aggregate", "dataModelInstancesAcl", "READ", places.whole_project),
    _rule(f"POST {_NODES}(/(byids|list|search))?", "dataModelsAcl", "READ", places.sources),
    _rule(f"POST {_NODES}/(query|sync)", "dataModelsAcl", "READ", places.sources_of_query),
    _rule("POST /functions", "functionsAcl", "WRITE", places.whole_project),
    _rule("POST /functions", "filesAcl", "READ", places.code_files),
    _rule("POST /functions/(delete|status|schedules|schedules/delete)", "functionsAcl", "WRITE", places.whole_project),
    _rule("POST /functions/(schedules/)?(list|byids)", "functionsAcl", "READ", places.whole_project),
    _rule("POST /functions/{id}/calls(/list|/byids)?", "functionsAcl", "READ", places.whole_project),
    _rule("POST /functions/{id}/call", "functionsAcl", "RUN", places.whole_project),
    _rule("GET /functions(/.*)?", "functionsAcl", "READ", places.whole_project),
    _rule("POST /workflows(/.*)?/(list|byids)", "workflowOrchestrationAcl", "READ", places.whole_project),
    _rule("POST /workflows(/(?!.*(list|byids)$).*)?", "workflowOrchestrationAcl", "WRITE", places.whole_project),
    _rule("GET /workflows(/.*)?", "workflowOrchestrationAcl", "READ", places.whole_project),
    _rule("POST /transformations/(filter|query/run)", "transformationsAcl", "READ"),
    _rule("GET /3d/models", "threedAcl", "READ"),
    _rule("POST /sessions", "sessionsAcl", "CREATE", places.whole_project),
    _rule("POST /sessions/byids", "sessionsAcl", "LIST", places.whole_project),
    _rule("POST /sessions/revoke", "sessionsAcl", "DELETE", places.whole_project),
    _rule("GET /sessions", "sessionsAcl", "LIST", places.whole_project),
    _rule("POST /groups", "groupsAcl", "CREATE", places.whole_project),
    _rule("POST /groups/delete", "groupsAcl", "DELETE", places.whole_project),
    _rule("POST /securitycategories", "securityCategoriesAcl", "CREATE", places.whole_project),
    _rule("POST /securitycategories/delete", "securityCategoriesAcl", "DELETE", places.whole_project),
    _rule("GET /securitycategories", "securityCategoriesAcl", "LIST", places.whole_project),
    # Everybody may list the groups that he is in.
    _rule("GET /groups", None),
    _rule("GET /profiles/me", None),
    _rule("GET ", "projectsAcl", "READ", places.whole_project),
)

KINDS = {
    "Data set": "datasetsAcl",
    "Asset": "assetsAcl",
    "Event": "eventsAcl",
    "Time series": "timeSeriesAcl",
    "Sequence": "sequencesAcl",
    "File": "filesAcl",
    "Relationship": "relationshipsAcl",
    "Label": "labelsAcl",
    "Extraction pipeline": "extractionPipelinesAcl",
}
"""By what stores call their rows, the capability to see them."""

_PROTECTED_AS = "OWNER"


@dataclass(frozen=True)
class Admitted:
    """A request that may be served.

    Attributes:
        sight: the rows that it may see; None for all.
        keep: which items of its answer the caller may see; None for all.
    """

    sight: Sight | None = None
    keep: Callable[[Json], bool] | None = None


class Guard:
    """Admits requests, or refuses them.

    Args:
        project: whose rows are guarded.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def admit(self, rights: Rights, method: str, path: str, query: str, body: bytes, headers: Json) -> Admitted:
        """Check a request against the table.

        Args:
            rights: the caller's.
            method: of HTTP.
            path: below the project.
            query: as sent.
            body: as sent.
            headers: `content-type` and `content-encoding`, where they were sent.

        Raises:
            ApiError: 403 when a rule does not hold, or no rule knows the endpoint; 400 for items that name nothing.
        """
        fitting = [(rule, found) for rule in RULES if rule.method == method and (found := rule.path.fullmatch(path))]
        if not fitting:
            raise ApiError(403, REFUSAL)
        data, keep, reads = _data_of(body, headers), None, False
        for rule, found in fitting:
            asked = Asked(found.groupdict(), QueryParams(query), data)
            if rule.acl is None:
                continue
            self._check(rights, rule, asked)
            reads = reads or rule.find is None
            if rule.answer is not None:
                keep = self._filter(rights, rule, asked)
        return Admitted(self._sight(rights) if reads else None, keep)

    def _check(self, rights: Rights, rule: Rule, asked: Asked) -> None:
        acl = rule.acl or ""
        if not rights.allow_some(acl, rule.action):
            raise ApiError(403, REFUSAL)
        for place in rule.find(self._project, asked) if rule.find else ():
            if not rights.allow(acl, rule.action, place) or (rule.action == "WRITE" and self._protected(rights, place)):
                raise ApiError(403, REFUSAL)

    def _protected(self, rights: Rights, place: Place) -> bool:
        """Whether a place is in a write-protected data set of which the caller is no owner."""
        data_set = place.get("dataSetId")
        row = self._project.data_sets.rows.get(data_set) if isinstance(data_set, int) else None
        protected = row is not None and row["writeProtected"]
        return protected and not rights.allow("datasetsAcl", _PROTECTED_AS, {"id": data_set})

    def _filter(self, rights: Rights, rule: Rule, asked: Asked) -> Callable[[Json], bool]:
        def keep(item: Json) -> bool:
            assert rule.answer is not None  # noqa: S101 - it is this that the filter is made for
            return rights.allow(rule.acl or "", rule.action, rule.answer(self._project, asked, item))

        return keep

    def _sight(self, rights: Rights) -> Sight:
        def sees(kind: str, row: Json) -> bool:
            return kind not in KINDS or rights.allow(KINDS[kind], "READ", places.of_row(self._project, row))

        return sees


def filtered(body: bytes, keep: Callable[[Json], bool]) -> bytes:
    """An answer without the items that its reader may not see; one without items as it is."""
    data = orjson.loads(body)
    items = data.get("items") if isinstance(data, dict) else None
    if isinstance(items, list):
        return orjson.dumps(data | {"items": [item for item in items if keep(item)]})
    if isinstance(items, dict):
        # A query of instances answers several sets by name.
        seen = {name: [item for item in rows if keep(item)] for name, rows in items.items()}
        return orjson.dumps(data | {"items": seen})
    return body


def _data_of(body: bytes, headers: Json) -> Json:
    """The JSON object that was sent; empty for whatever the endpoint will refuse."""
    payload = unzipped(body, headers.get("content-encoding"))
    if headers.get("content-type") == PROTOBUF:
        return {"items": inserted(payload)}
    try:
        data = orjson.loads(payload or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
