"""The platform's resources as the SDK's own integration tests expect them, and what CDF refuses of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cognite.client.data_classes import GroupWrite, RowWrite, SecurityCategoryWrite
from cognite.client.data_classes.capabilities import Capability, TableScope
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteProjectAccessError
from sandbox_cdf_client import Cdf, sdk
from sandbox_cdf_rights import administrator, forbidden, give, limited_app
from starlette.applications import Starlette

from sandbox.cdf.access.capabilities import ACCESS_CONTROL_LISTS

ALL: dict[str, Any] = {"all": {}}
ODD_KEYS = ["a/b", "/a", "a/", "a//b", "a%2Fb", "%", "ü ☃ 🙂", "?x=1", "#h", "a&b=c", "delete", "a+b", "\\", "ä" * 1024]


@pytest.fixture
def limited(cdf: Cdf, app: Starlette) -> Cdf:
    """The project as its client `extractor` sees it, which may do nothing yet."""
    app.state.project.identities.join({"extractor": ["its-group"]})
    return cdf


@pytest.fixture
def pipeline(cdf: Cdf) -> Cdf:
    """A project with the extraction pipeline ``ep``."""
    (data_set,) = cdf.items("/datasets", {"externalId": "ds"})
    cdf.items("/extpipes", {"externalId": "ep", "name": "E", "dataSetId": data_set["id"]})
    return cdf


# --- login ------------------------------------------------------------------------------------------------------------


@pytest.mark.source("SDK tests test_cognite_client.py: wrong project")
def test_another_project_is_closed_and_the_sdk_names_the_right_one(cdf: Cdf) -> None:
    elsewhere = sdk(cdf.url, cdf.client.config.credentials)
    elsewhere.config.project = "that-looks-wrong"
    with pytest.raises(CogniteProjectAccessError) as refused:
        elsewhere.assets.list()
    assert refused.value.maybe_projects == ["factory"]


# --- RAW --------------------------------------------------------------------------------------------------------------


@pytest.mark.source("Docs: RAW, insert rows")
def test_odd_keys_are_found_by_their_path(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows
    rows.insert("d", "t", [RowWrite(key, {"key": key}) for key in ODD_KEYS], ensure_parent=True)
    assert [rows.retrieve("d", "t", key).columns for key in ODD_KEYS] == [{"key": key} for key in ODD_KEYS]
    assert {row.key for row in rows.list("d", "t", limit=None)} == set(ODD_KEYS)
    rows.delete("d", "t", ODD_KEYS)
    assert rows.list("d", "t", limit=None) == []


@pytest.mark.source("Assumed: the last of several rows with one key stays")
def test_a_key_that_comes_twice_is_one_row(cdf: Cdf) -> None:
    items = [{"key": "k", "columns": {"a": 1, "b": 1}}, {"key": "k", "columns": {"a": 2}}]
    assert cdf.post("/raw/dbs/d/tables/t/rows?ensureParent=true", {"items": items}) == (200, {})
    (row,) = cdf.get("/raw/dbs/d/tables/t/rows")[1]["items"]
    assert row["columns"] == {"a": 2}


@pytest.mark.source("Assumed: what RAW does not know is refused")
@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/raw/dbs", {"items": [{"name": "n", "x": 1}]}, "x"),
        ("/raw/dbs", {"items": [{"name": "a/b"}]}, "slash"),
        ("/raw/dbs/delete", {"items": [{"name": "d"}], "recursive": "yes"}, "recursive"),
        ("/raw/dbs/delete", {"items": [{"nam": "d"}]}, "nam"),
        ("/raw/dbs/d/tables", {"items": [{"name": "n"}], "x": 1}, "x"),
        ("/raw/dbs/d/tables?ensureparent=true", {"items": [{"name": "n"}]}, "ensureparent"),
        ("/raw/dbs/d/tables?ensureParent=1", {"items": [{"name": "n"}]}, "ensureParent"),
        ("/raw/dbs/d/tables/t/rows", {"items": [{"key": "k", "columns": {}, "lastUpdatedTime": 1}]}, "lastUpdatedTime"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{"key": "k"}, {"key": 3}]}, "key"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{}]}, "key"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{"key": "k", "x": 1}]}, "x"),
    ],
)
def test_what_raw_does_not_know_is_refused(cdf: Cdf, path: str, body: dict[str, Any], named: str) -> None:
    cdf.client.raw.rows.insert("d", "t", {"k": {"a": 1}}, ensure_parent=True)
    error = cdf.refused(path, body)
    assert error["code"] == 400
    assert named in error["message"]
    assert [row.key for row in cdf.client.raw.rows.list("d", "t")] == ["k"]


@pytest.mark.source("Docs: RAW, retrieve cursors for parallel reads")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cursors?numberOfCursors=0", "numberOfCursors"),
        ("cursors?numberOfCursors=10001", "numberOfCursors"),
        ("cursors?limit=3", "limit"),
        ("rows?column=a", "column"),
        ("rows?cursor=WyJhIixudWxsLG51bGwsbnVsbF0=", "cursor"),
        ("rows?cursor=WzEsImEiLCJiIixudWxsXQ==", "cursor"),
        ("rows?cursor=W10=", "cursor"),
    ],
)
def test_a_read_that_cannot_be(cdf: Cdf, query: str, named: str) -> None:
    cdf.client.raw.rows.insert("d", "t", {"k": {"a": 1}}, ensure_parent=True)
    status, answer = cdf.get(f"/raw/dbs/d/tables/t/{query}")
    assert status == 400
    assert named in answer["error"]["message"]


@pytest.mark.source("Docs: RAW, retrieve cursors for parallel reads; SDK _api/raw/rows.py")
def test_a_cursor_brings_its_own_times_and_takes_other_columns(cdf: Cdf) -> None:
    cdf.client.raw.rows.insert("d", "t", {str(n): {"a": n, "b": n} for n in range(9)}, ensure_parent=True)
    _, cursors = cdf.get("/raw/dbs/d/tables/t/cursors?numberOfCursors=2")
    found = [
        row
        for cursor in cursors["items"]
        for row in cdf.get(f"/raw/dbs/d/tables/t/rows?columns=b&minLastUpdatedTime=99999999999999&cursor={cursor}")[1][
            "items"
        ]
    ]
    assert sorted(row["columns"]["b"] for row in found) == list(range(9))
    assert all(row["columns"].keys() == {"b"} for row in found)


# --- groups -----------------------------------------------------------------------------------------------------------


@pytest.mark.source("SDK tests test_iam.py")
@pytest.mark.parametrize(("source_id", "members"), [("abc-123", None), (None, ["user1", "user2"])])
def test_a_group_has_a_source_id_or_members(cdf: Cdf, source_id: str | None, members: list[str] | None) -> None:
    group = cdf.client.iam.groups.create(GroupWrite("g", source_id=source_id, members=members, metadata={"k": "v"}))
    assert (group.source_id, group.members, group.metadata) == (source_id or "", members, {"k": "v"})
    # What was read can be written again.
    assert cdf.client.iam.groups.create(group.as_write()).members == members


@pytest.mark.source("Toolkit resource_ios/_auth.py: GroupIO.dump_resource")
def test_tables_of_a_scope_come_back_as_an_object(cdf: Cdf) -> None:
    scope = {"tableScope": {"dbsToTables": {"d": ["t", "u"], "e": []}}}
    item = {"name": "g", "sourceId": "s", "capabilities": [{"rawAcl": {"actions": ["READ"], "scope": scope}}]}
    (group,) = cdf.items("/groups", item)
    answered = group["capabilities"][0]["rawAcl"]["scope"]["tableScope"]["dbsToTables"]
    assert answered == {"d": {"tables": ["t", "u"]}, "e": {"tables": []}}
    (read,) = cdf.client.iam.groups.list(all=True)
    (acl,) = read.capabilities
    assert isinstance(acl.scope, TableScope)
    assert acl.scope.dbs_to_tables == {"d": ["t", "u"], "e": []}


@pytest.mark.source("SDK data_classes/capabilities.py; Docs: groups; Assumed: what is no capability is refused")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"capabilities": ["x"]}, "object"),
        ({"capabilities": [{"fooAcl": {"actions": ["READ"], "scope": ALL}}]}, "fooAcl"),
        ({"capabilities": [{"assetsAcl": {"actions": ["FLY"], "scope": ALL}}]}, "FLY"),
        ({"capabilities": [{"assetsAcl": {"actions": [], "scope": ALL}}]}, "actions"),
        ({"capabilities": [{"assetsAcl": {"actions": ["READ"]}}]}, "scope"),
        ({"capabilities": [{"assetsAcl": {"actions": ["READ"], "scope": {}}}]}, "datasetScope"),
        ({"capabilities": [{"assetsAcl": {"actions": ["READ"], "scope": {"spaceIdScope": {}}}}]}, "spaceIdScope"),
        ({"capabilities": [{"assetsAcl": {"actions": ["READ"], "scope": {"datasetScope": [1]}}}]}, "datasetScope"),
        ({"members": "everybody"}, "members"),
        ({"members": ["m"] * 101}, "members"),
        ({"members": ["m"], "sourceId": "s"}, "sourceId"),
        ({"metadata": {"k" * 33: "v"}}, "metadata"),
    ],
)
def test_what_a_group_cannot_be(cdf: Cdf, change: dict[str, Any], named: str) -> None:
    error = cdf.refused("/groups", {"items": [{"name": "g"} | change]})
    assert error["code"] == 400
    assert named in error["message"]
    assert cdf.client.iam.groups.list(all=True) == []


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_every_capability_of_the_sdk_can_be_granted(cdf: Cdf) -> None:
    known = {kind._capability_name: kind for kind in Capability.__subclasses__() if hasattr(kind, "_capability_name")}
    for name, kind in known.items():
        if name in ACCESS_CONTROL_LISTS:
            assert {action.value for action in kind.Action} == set(ACCESS_CONTROL_LISTS[name].actions), name
    every = [
        {name: {"actions": list(each.actions), "scope": ALL}}
        for name, each in ACCESS_CONTROL_LISTS.items()
        if name in known
    ]
    assert len(every) > 60
    (group,) = cdf.items("/groups", {"name": "g", "capabilities": every})
    assert len(group["capabilities"]) == len(every)


@pytest.mark.source("Docs: groups, managed in CDF")
def test_a_listed_member_has_the_rights_of_its_group(limited: Cdf) -> None:
    forbidden(limited, "/events/list", {})
    acl = {"eventsAcl": {"actions": ["READ"], "scope": ALL}}
    admin = administrator(limited)
    admin.items("/groups", {"name": "all", "members": "allUserAccounts", "capabilities": [acl]})
    forbidden(limited, "/events/list", {})
    admin.items("/groups", {"name": "some", "members": ["extractor"], "capabilities": [acl]})
    assert limited.items("/events/list") == []


# --- security categories ----------------------------------------------------------------------------------------------


@pytest.mark.source("SDK tests test_iam.py; Docs: security categories")
def test_security_categories(cdf: Cdf) -> None:
    categories = cdf.client.iam.security_categories
    made = categories.create([SecurityCategoryWrite(name) for name in ("b", "a", "c", "a")])
    assert [each.name for each in made] == ["b", "a", "c"]
    assert [each.name for each in categories.list()] == ["a", "b", "c"]
    assert [each.name for each in categories.list(sort="DESC", limit=2)] == ["c", "b"]
    with pytest.raises(CogniteDuplicatedError):
        categories.create([SecurityCategoryWrite("new"), SecurityCategoryWrite("a")])
    with pytest.raises(CogniteAPIError):
        categories.delete([made[0].id, 1])
    assert len(categories.list()) == 3
    categories.delete(made[0].id)
    assert [each.name for each in categories.list()] == ["a", "c"]


@pytest.mark.source("Docs: security categories, required capabilities")
def test_security_categories_take_their_own_rights(limited: Cdf) -> None:
    admin = administrator(limited)
    forbidden(limited, "/securitycategories")
    give(admin, securityCategoriesAcl=("LIST", ALL))
    assert limited.get("/securitycategories") == (200, {"items": []})
    forbidden(limited, "/securitycategories", {"items": [{"name": "n"}]})
    forbidden(limited, "/securitycategories/delete", {"items": [1]})


# --- sessions ---------------------------------------------------------------------------------------------------------


@pytest.mark.source("SDK tests test_iam.py; SDK _api/iam/sessions.py")
def test_all_sessions_are_listed_page_by_page(cdf: Cdf) -> None:
    sessions = cdf.client.iam.sessions
    made = {sessions.create().id for _ in range(103)}
    assert {each.id for each in sessions.list("READY", limit=-1)} == made
    assert len(sessions.list()) == 25
    assert sessions.list("ACTIVE") == []
    assert cdf.get("/sessions?status=READ")[0] == cdf.get("/sessions?state=READY")[0] == 400


@pytest.mark.source("Docs: sessions, revoke")
def test_a_session_is_revoked_once_and_for_all(cdf: Cdf) -> None:
    ready, active = cdf.client.iam.sessions.create(), cdf.client.iam.sessions.create()
    cdf.project.identities.session_for_nonce(active.nonce)
    for _ in range(2):
        revoked = cdf.client.iam.sessions.revoke([ready.id, active.id])
        assert [each.status for each in revoked] == ["CANCELLED", "REVOKED"]


@pytest.mark.source("SDK _api/iam/sessions.py: revoke")
def test_who_may_not_list_sessions_sees_no_more_than_the_id_of_a_revoked_one(limited: Cdf) -> None:
    admin = administrator(limited)
    (session,) = admin.items("/sessions", {"tokenExchange": True})
    give(admin, sessionsAcl=("DELETE", ALL))
    assert limited.items("/sessions/revoke", {"id": session["id"]}) == [{"id": session["id"]}]
    give(admin, sessionsAcl=("LIST", ALL))
    (seen,) = limited.items("/sessions/revoke", {"id": session["id"]})
    assert seen["status"] == "CANCELLED"


@pytest.mark.source("Docs: sessions, create; Assumed: one way at a time")
@pytest.mark.parametrize(
    "item",
    [
        {"tokenExchange": True, "x": 1},
        {"tokenExchange": False},
        {"tokenExchange": True, "oneshotTokenExchange": True},
        {"clientId": "extractor"},
    ],
)
def test_a_session_is_opened_in_one_of_three_ways(cdf: Cdf, item: dict[str, Any]) -> None:
    assert "tokenExchange" in cdf.refused("/sessions", {"items": [item]})["message"]
    assert cdf.client.iam.sessions.list() == []


# --- extraction pipelines ---------------------------------------------------------------------------------------------


@pytest.mark.source("Docs: extraction pipeline runs, create")
def test_a_request_brings_one_run(pipeline: Cdf) -> None:
    run = {"externalId": "ep", "status": "seen"}
    assert "1 element" in pipeline.refused("/extpipes/runs", {"items": [run, run]})["message"]
    assert pipeline.client.extraction_pipelines.runs.list("ep") == []


@pytest.mark.source("Docs: extraction pipeline runs, filter")
def test_runs_are_listed_newest_first_without_their_pipeline(pipeline: Cdf) -> None:
    for status in ("seen", "success", "failure"):
        (made,) = pipeline.items("/extpipes/runs", {"externalId": "ep", "status": status, "createdTime": 7})
        assert made["externalId"] == "ep"
    _, listed = pipeline.get("/extpipes/runs?externalId=ep&limit=2")
    assert [run["status"] for run in listed["items"]] == ["failure", "success"]
    assert {key for run in listed["items"] for key in run} == {"id", "status", "createdTime"}
    _, rest = pipeline.get(f"/extpipes/runs?externalId=ep&limit=2&cursor={listed['nextCursor']}")
    assert [run["status"] for run in rest["items"]] == ["seen"]


@pytest.mark.source("Assumed: what runs do not know is refused")
@pytest.mark.parametrize(
    ("wanted", "named"),
    [({"statuses": ["done"]}, "statuses"), ({"message": {"prefix": "a"}}, "prefix"), ({"status": "seen"}, "status")],
)
def test_a_filter_of_runs_that_cannot_be(pipeline: Cdf, wanted: dict[str, Any], named: str) -> None:
    error = pipeline.refused("/extpipes/runs/list", {"filter": {"externalId": "ep"} | wanted})
    assert error["code"] == 400
    assert named in error["message"]


@pytest.mark.source("Docs: extraction pipeline configuration; Assumed: a number that is none is refused")
def test_revisions_are_named_by_whole_numbers(pipeline: Cdf) -> None:
    pipeline.post("/extpipes/config", {"externalId": "ep", "config": "a: 1", "description": "first"})
    pipeline.post("/extpipes/config", {"externalId": "ep", "config": "a: 2"})
    for sent in ({"externalId": "ep"}, {"externalId": "ep", "revision": "1"}, {"revision": 1}):
        assert pipeline.refused("/extpipes/config/revert", sent)["code"] == 400
    for query in ("revision=x", "activeAtTime=x", "revison=1"):
        status, answer = pipeline.get(f"/extpipes/config?externalId=ep&{query}")
        assert status == 400
        assert query.partition("=")[0] in answer["error"]["message"]
    assert pipeline.post("/extpipes/config/revert", {"externalId": "ep", "revision": 9})[0] == 404
    status, reverted = pipeline.post("/extpipes/config/revert", {"externalId": "ep", "revision": 1})
    assert (reverted["revision"], reverted["config"], reverted["description"]) == (3, "a: 1", "first")


@pytest.mark.source("SDK data_classes/extractionpipelines.py: schedule")
@pytest.mark.parametrize("schedule", ["a b c d e", "61 * * * *", "Sometimes"])
def test_a_schedule_is_a_cron_expression_or_a_word(pipeline: Cdf, schedule: str) -> None:
    update = {"externalId": "ep", "update": {"schedule": {"set": schedule}}}
    assert "schedule" in pipeline.refused("/extpipes/update", {"items": [update]})["message"]
    for accepted in ("Continuous", "On trigger", "*/5 * * * *"):
        update["update"] = {"schedule": {"set": accepted}}
        assert pipeline.items("/extpipes/update", update)[0]["schedule"] == accepted


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.source("SDK tests test_files.py: upload multipart")
def test_a_file_comes_in_parts(cdf: Cdf) -> None:
    files = cdf.client.files
    for first in (b"a" * 6_000_000, b"b"):
        with files.multipart_upload_session(name="f", parts=2, external_id="f", overwrite=True) as session:
            session.upload_part(0, first)
            session.upload_part(1, b"end")
        assert files.download_bytes(external_id="f") == first + b"end"
    for parts in ("", "?parts=0", "?parts=251", "?parts=x"):
        assert "parts" in cdf.refused(f"/files/initmultipartupload{parts}", {"name": "g"})["message"]


# --- the state file ---------------------------------------------------------------------------------------------------


@pytest.mark.source("Assumed: what is kept is kept whole")
def test_members_and_categories_outlive_a_restart(tmp_path: Path) -> None:
    first, second = limited_app(tmp_path).state.project, limited_app(tmp_path).state.project
    first.security_categories.create([{"name": "secret"}])
    first.groups.create([{"name": "g", "members": ["extractor"]}])
    for name in ("security_categories", "groups"):
        for key, value in first.persisted[name].dump():
            second.persisted[name].load(key, value)
    assert [row["name"] for row in second.security_categories.rows.values()] == ["secret"]
    assert [row["members"] for row in second.groups.rows.values()] == [["extractor"]]
