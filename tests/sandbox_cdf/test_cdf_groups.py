"""Groups and their capabilities, and security categories."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import GroupWrite, SecurityCategoryWrite
from cognite.client.data_classes.capabilities import Capability, EventsAcl, TableScope
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteNotFoundError
from sandbox_cdf_client import Cdf
from sandbox_cdf_rights import ALL, administrator, forbidden, give

from sandbox.cdf.access.capabilities import ACCESS_CONTROL_LISTS


@pytest.mark.source("SDK data_classes/iam.py; Toolkit yaml_classes/groups.py")
def test_groups(cdf: Cdf) -> None:
    groups = cdf.client.iam.groups
    acl = EventsAcl([EventsAcl.Action.Read], EventsAcl.Scope.All())
    created = groups.create(GroupWrite(name="g", source_id="abc", capabilities=[acl]))
    (listed,) = groups.list(all=True)
    assert (listed.id, listed.source_id, listed.is_deleted) == (created.id, "abc", False)
    assert listed.capabilities == [acl]
    assert cdf.client.iam.token.inspect().projects[0].groups == [created.id]
    groups.create(GroupWrite(name="g"))
    assert len(groups.list(all=True)) == 2
    groups.delete(created.id)
    with pytest.raises(CogniteNotFoundError):
        groups.delete(created.id)
    both = {"name": "g", "sourceId": "a", "members": ["b"]}
    assert cdf.refused("/groups", {"items": [both]})["code"] == 400


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
