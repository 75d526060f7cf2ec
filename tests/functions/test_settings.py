"""What only a person can mend fails the call, says which setting, and writes nothing."""

from typing import Any

import pytest
from bench import KEY, PCN, TENANT, Bench
from plex_cdf.errors import ConfigurationError
from writes import nothing_written


def _keys(facility: Bench) -> None:
    facility.keys = {str(PCN): {"apiKey": "WrongKey"}}


def _tenant(facility: Bench) -> None:
    facility.configure("jobs", facility={"pcn": PCN, "tenantId": "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"})


def _misspelt(facility: Bench) -> None:
    facility.configure("jobs", opnStatuses=["Open"])


def _no_key(facility: Bench) -> None:
    facility.keys = {"1": {"apiKey": KEY}}


@pytest.mark.parametrize(
    ("prepare", "payload", "words"),
    [
        (_keys, {}, ["401", "PLEX_KEYS", "facility.tenantId", "subscribed"]),
        (_tenant, {}, ["401", "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab", "facility.tenantId"]),
        (_misspelt, {}, [f"plex_{PCN}_jobs", "opnStatuses", "openStatuses"]),
        (_no_key, {}, ["plex-keys", str(PCN), "make keys"]),
        (None, {"mode": "turbo"}, ["mode", "'turbo'", "'incremental'", "'full'"]),
        (None, {"streams": ["job"]}, ["streams", "job", "job_operations"]),
        (None, {"dryrun": True}, ["dryrun", "dryRun"]),
    ],
)
def test_a_setting_that_only_a_person_can_mend_fails_the_call_and_writes_nothing(
    facility: Bench, prepare: Any, payload: dict[str, Any], words: list[str]
) -> None:
    if prepare:
        prepare(facility)

    with pytest.raises(ConfigurationError) as failed:
        facility.run("jobs", **payload)

    run = facility.runs("jobs")[0]
    assert run["status"] == "failure"
    for word in words:
        assert word in str(failed.value)
        assert word in run["message"]
    nothing_written(facility)


def test_a_key_of_another_tenant_never_fills_this_ones_data_sets(facility: Bench) -> None:
    facility.rows("/mdm/v1/tenants", upsert=[{"id": "other", "code": "Other"}], remove=[TENANT])

    with pytest.raises(ConfigurationError, match=f"{TENANT}.*reaches other.*facility.tenantId"):
        facility.run("jobs")

    assert facility.runs("jobs")[0]["status"] == "failure"
    nothing_written(facility)


def test_a_key_of_several_tenants_is_noted(facility: Bench) -> None:
    facility.rows("/mdm/v1/tenants", upsert=[{"id": "other", "code": "Other"}])
    assert any("2 tenants" in note for note in facility.run("jobs")["notes"])


def test_an_unknown_pipeline_fails_the_call_and_names_it(facility: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no extraction pipeline plex_1_jobs"):
        facility.run("jobs", pipeline="plex_1_jobs")
    nothing_written(facility)


def test_a_facility_that_was_not_deployed_is_named(facility: Bench) -> None:
    facility.keys = {"default": {"apiKey": KEY}}
    facility.post(
        "/extpipes", {"items": [{"externalId": "plex_1_jobs", "name": "one", "dataSetId": facility.data_set}]}
    )
    facility.configure_text("jobs", facility.config_text("jobs", facility={"pcn": 1, "tenantId": TENANT}), pcn=1)
    with pytest.raises(ConfigurationError, match=r"space plex_1.*deploy.*facility.pcn"):
        facility.run("jobs", pipeline="plex_1_jobs")


def test_a_missing_table_is_named(facility: Bench) -> None:
    facility.post(f"/raw/dbs/plex_{PCN}/tables/delete", {"items": [{"name": "fingerprints_jobs"}]})
    with pytest.raises(ConfigurationError, match=f"fingerprints_jobs of database plex_{PCN}.*deploy the facility"):
        facility.run("jobs")


def test_a_function_refuses_another_ones_pipeline(facility: Bench) -> None:
    # Even one whose config this function could not read; and nobody who looks after that one is troubled.
    facility.configure_text("production", "startDate: 2023-01-01")
    for other in ("master_data", "production"):
        with pytest.raises(ConfigurationError, match=rf"plex_340884_{other}', which is not this function's: plex_jobs"):
            facility.run("jobs", pipeline=f"plex_{PCN}_{other}")
        assert facility.runs(other) == []
    nothing_written(facility)
