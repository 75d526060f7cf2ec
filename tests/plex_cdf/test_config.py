"""Payload, pipeline config and secret: every mistake's message says what to change."""

import base64
import json
import traceback
from typing import Any

import pytest
import yaml
from jobs import JobsSettings
from plex_cdf.config import Limit, Settings, read_payload, read_settings
from plex_cdf.credentials import SECRET, read_key, secret_values
from plex_cdf.errors import ConfigurationError

TENANT = "97016117-143c-5059-babf-7d1e7b3a8e7e"
FACILITY = {"pcn": 340884, "tenantId": TENANT}


def settings(**keys: object) -> Settings:
    return read_settings(Settings, "plex_340884_jobs", yaml.safe_dump({"facility": FACILITY, **keys}))


def secret(content: object) -> dict[str, str]:
    return {SECRET: base64.b64encode(json.dumps(content).encode()).decode()}


def test_the_smallest_config_has_defaults() -> None:
    found = settings()
    assert str(found.facility.tenant_id) == TENANT
    assert found.plex.url == "https://connect.plex.com"
    assert (found.plex.calls_per_minute, found.plex.timeout_seconds, found.time_limit_minutes) == (60, 120, 7)
    assert (found.time_zone, found.full_read_at.isoformat()) == ("UTC", "02:00:00")


def test_an_extractor_adds_its_own_keys() -> None:
    text = yaml.safe_dump({"facility": FACILITY, "openStatuses": ["Open"], "closedJobs": True, "callBudget": 5})
    found = read_settings(JobsSettings, "plex_340884_jobs", text)
    assert (found.open_statuses, found.closed_jobs, found.call_budget) == (("Open",), True, 5)
    with pytest.raises(ConfigurationError, match=r"key callBugdet does not exist \(accepted here: callBudget, closed"):
        read_settings(JobsSettings, "plex_340884_jobs", text.replace("callBudget", "callBugdet"))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"timezone": "UTC"}, ["key timezone does not exist", "accepted here", "timeZone"]),
        (
            {"plex": {"callPerMinute": 9}},
            ["key plex.callPerMinute does not exist", "callsPerMinute, timeoutSeconds, url"],
        ),
        ({"facility": {**FACILITY, "name": "x"}}, ["key facility.name does not exist", "pcn, tenantId"]),
        ({"facility": None}, ["facility is None", "dictionary"]),
        ({"facility": {"pcn": 340884}}, ["key facility.tenantId is missing"]),
        ({"facility": {"pcn": "none", "tenantId": TENANT}}, ["facility.pcn is 'none'", "integer"]),
        ({"facility": {"pcn": 340884, "tenantId": "x1"}}, ["facility.tenantId is 'x1'", "UUID"]),
        ({"plex": 5}, ["plex is 5"]),
        ({"plex": {"url": "connect.plex.com"}}, ["plex.url is 'connect.plex.com'", "https?://"]),
        ({"plex": {"url": "https://connect.plex.com/mdm"}}, ["plex.url is", "https?://"]),
        ({"plex": {"callsPerMinute": 0}}, ["plex.callsPerMinute is 0", "greater than or equal to 1"]),
        ({"timeZone": "Detroit"}, ["timeZone is 'Detroit'", "IANA", "America/Detroit"]),
        ({"timeZone": "../etc/passwd"}, ["timeZone is", "IANA"]),
        ({"timeZone": "America"}, ["timeZone is", "IANA"]),
        ({"timeLimitMinutes": 10}, ["timeLimitMinutes is 10", "less than or equal to 9"]),
        ({"fullReadAt": "25:00"}, ["fullReadAt is '25:00'"]),
        ({"fullReadAt": "02:00Z"}, ["fullReadAt is '02:00Z'", "timeZone"]),
        ({"vanishLimit": {"share": 2, "number": 1}}, ["vanishLimit.share is 2"]),
        ({"timezone": "UTC", "plex": {"url": 1}}, ["key timezone does not exist", "plex.url is 1"]),
    ],
)
def test_a_mistake_in_the_config_names_key_value_and_what_is_accepted(keys: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(**keys)
    for word in ["the config of extraction pipeline plex_340884_jobs", *words]:
        assert word in str(caught.value)


def test_a_missing_facility_is_named() -> None:
    with pytest.raises(ConfigurationError, match="key facility is missing"):
        read_settings(Settings, "plex_340884_jobs", "timeZone: UTC")


def test_a_time_of_day_without_quotes_is_not_taken_for_seconds() -> None:
    text = f"facility: {{pcn: 340884, tenantId: {TENANT}}}\nfullReadAt: 12:30"
    with pytest.raises(ConfigurationError, match=r'fullReadAt is 750: .*in quotes, such as "02:00"'):
        read_settings(Settings, "plex_340884_jobs", text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "is not YAML"),
        ("a:\tb: c", "is not YAML"),
        ("a: 2026-13-45", "is not YAML"),
        ("a: !!python/name:os.system x", "is not YAML"),
        ("- facility", r"must be a mapping with at least the key facility; it is \['facility'\]"),
        ("", "must be a mapping with at least the key facility; it is None"),
        ("facility", "must be a mapping"),
    ],
)
def test_a_text_that_is_no_config_is_named_as_such(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=f"the config of extraction pipeline p1 {words}"):
        read_settings(Settings, "p1", text)


def test_a_long_wrong_value_is_shown_in_part() -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(timeZone="x" * 100_000)
    assert len(str(caught.value)) < 1000


def test_a_payload_has_defaults() -> None:
    payload = read_payload({"pipeline": "plex_340884_jobs"})
    assert (payload.mode, payload.streams, payload.dry_run) == ("incremental", (), False)
    assert read_payload({"pipeline": "p", "mode": "full", "streams": ["jobs"], "dryRun": True}).dry_run


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, ['such as {"pipeline": "plex_340884_jobs"}', "it got None"]),
        (["plex_340884_jobs"], ["it got ['plex_340884_jobs']"]),
        ({}, ["key pipeline is missing"]),
        ({"pipeline": ""}, ["pipeline is ''"]),
        ({"pipeline": 5}, ["pipeline is 5", "string"]),
        (
            {"pipeline": "p", "mode": "everything"},
            ["mode is 'everything'", "'incremental', 'full', 'backfill' or 'replay'"],
        ),
        (
            {"pipeline": "p", "dryrun": True},
            ["key dryrun does not exist", "dryRun, mode, pipeline, since, streams, until"],
        ),
        ({"pipeline": "p", "streams": "jobs"}, ["streams is 'jobs'"]),
        ({"pipeline": "p", "dryRun": "perhaps"}, ["dryRun is 'perhaps'"]),
        ({"pipeline": "p", "dryRun": "yes"}, ["dryRun is 'yes'"]),
        ({"pipeline": "p", "mode": "backfill", "since": "2026-01-01"}, ["mode backfill needs since and until"]),
        ({"pipeline": "p", "since": "2026-01-01"}, ["since and until belong to mode backfill"]),
        ({"pipeline": "p", "mode": "backfill", "since": "soon", "until": "later"}, ["since is 'soon'", "2026-01-31"]),
    ],
)
def test_a_mistake_in_the_payload_names_key_value_and_what_is_accepted(data: object, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_payload(data)
    for word in words:
        assert word in str(caught.value)


def test_a_limit_is_exceeded_by_share_and_number_only() -> None:
    limit = Limit(share=0.2, number=20)
    assert not limit.exceeded(21, 1000)
    assert not limit.exceeded(20, 20)
    assert limit.exceeded(21, 100)


def test_the_key_of_a_facility_comes_before_the_shared_one() -> None:
    own, shared = {"apiKey": "own-key", "apiSecret": "own-secret"}, {"apiKey": "shared-key"}
    secrets = secret({"340884": own, "default": shared})
    assert read_key(secrets, 340884).api_key == "own-key"
    assert read_key(secrets, 340884).api_secret == "own-secret"
    assert read_key(secrets, 340885).api_key == "shared-key"


def test_a_facility_with_a_data_source_account_alone_takes_the_shared_key() -> None:
    account, shared = {"dsUser": "Plant.Ws@plex.com", "dsPassword": "p"}, {"apiKey": "shared-key", "apiSecret": "s"}
    key = read_key(secret({"340884": account, "default": shared}), 340884)
    assert (key.api_key, key.api_secret, key.ds_user) == ("shared-key", "s", "Plant.Ws@plex.com")


def test_a_data_source_account_under_default_is_no_facilitys() -> None:
    shared = {"apiKey": "shared-key", "dsUser": "Other.Ws@plex.com", "dsPassword": "p"}
    assert read_key(secret({"default": shared}), 340884).ds_user is None
    key = read_key(secret({"340884": {"dsUser": "Own.Ws@plex.com"}, "default": shared}), 340884)
    assert (key.api_key, key.ds_user, key.ds_password) == ("shared-key", "Own.Ws@plex.com", None)


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        (None, "has no secret plex-keys"),
        ({}, "has no secret plex-keys"),
        ({"other": "QUJDREVG"}, "has no secret plex-keys"),
        ({SECRET: "S3cr3t!"}, "is not base64 of JSON"),
        ({SECRET: "S3cr3té"}, "is not base64 of JSON"),
        ({SECRET: base64.b64encode(b"S3cr3t").decode()}, "is not base64 of JSON"),
        ({SECRET: base64.b64encode(b"\xff\xfeS3cr3t").decode()}, "is not base64 of JSON"),
        (secret(["S3cr3t"]), "neither an entry for PCN 340884 nor a default"),
        (secret({"340885": {"apiKey": "S3cr3t"}}), "neither an entry for PCN 340884 nor a default"),
        (secret({"340884": "S3cr3t"}), "entry for PCN 340884: not an object is wrong"),
        (secret({"340884": {}, "default": {"apiKey": "S3cr3t"}}), "entry for PCN 340884: apiKey is wrong"),
        (secret({"340884": {"api_key": "S3cr3t"}}), "an unknown key, apiKey|apiKey, an unknown key"),
        (secret({"340884": {"apiKey": "x", "S3cr3t": "y"}}), "an unknown key is wrong"),
        (secret({"340884": {"apiKey": "S3cr3t\n"}}), "apiKey is wrong"),
        (secret({"340884": {"apiKey": "S3cr3té"}}), "apiKey is wrong"),
        (secret({"340884": {"apiKey": ["S3cr3t"]}}), "apiKey is wrong"),
        (secret({"340884": {"apiKey": "x", "apiSecret": "S3cr3t\r\nHost: x"}}), "apiSecret is wrong"),
    ],
)
def test_a_mistake_in_the_secret_is_named_and_its_content_never(secrets: dict[str, str] | None, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_key(secrets, 340884)
    assert "make keys" in str(caught.value)
    assert "S3cr3t" not in str(caught.value)
    for value in (secrets or {}).values():
        assert value not in str(caught.value)
    assert "S3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_everything_inside_a_secret_is_a_secret() -> None:
    secrets = secret({"340884": {"apiKey": "k1", "dsPassword": "p1"}, "more": ["l1"], "n": 5}) | {"other": "o1"}
    assert set(secret_values(secrets)) == {*secrets.values(), "k1", "p1", "l1"}
    assert secret_values(None) == []
