"""A facility more: one entry in the configuration, one in the keys, and the principal that its schedules run as."""

from collections import Counter
from pathlib import Path

import yaml
from tools_files import write

from tools import built, deploy, keys, preflight

pytest_plugins = ["tools_repository"]
NEW = 555001


def test_a_newcomer_is_one_entry_and_gets_all_that_the_others_have(
    repository: Path, environment: dict[str, str], deploy_environment: dict[str, str]
) -> None:
    file = repository / "config.prod.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    facilities = content["variables"]["modules"]["facility"]
    crons = {name: value for name, value in facilities[0].items() if name.endswith("Cron")}
    zone = {"timeZone": "Europe/Berlin", "dayStart": "06:00", "startDate": "2026-01-01"}
    facilities.append(
        {
            "pcn": NEW,
            "facilityName": "Neuwerk",
            "tenantId": "1c2f8f0a-6f3e-5a5e-9a55-3a3c1b1f7d11",
            "groupSourceId": "00000000-0000-0000-0000-000000555001",
            **zone,
            **{name: cron.replace("1-59", "2-59") for name, cron in crons.items()},
        }
    )
    write(file, yaml.safe_dump(content, sort_keys=False))
    deploy.build(file, environment, root=repository, echo=print)

    resources = [(each.kind, str(each.content)) for each in built.read(repository).resources]
    assert _of(NEW, resources) == _of(340884, resources) == _of(340885, resources)
    assert sum(_of(NEW, resources).values()) > 30

    known = {str(pcn): {"apiKey": f"key-of-{pcn}"} for pcn in (340884, 340885)}
    principal = {f"PLEX_{NEW}_CLIENT_{part}": "x" for part in ("ID", "SECRET")}
    without = deploy_environment | principal
    assert f"{NEW}" in "\n".join(preflight.preflight(file, without, root=repository))
    ready = without | {"PLEX_KEYS": keys.encode({**known, str(NEW): {"apiKey": "key-of-the-new-one"}})}
    assert preflight.preflight(file, ready, root=repository) == []


def _of(pcn: int, resources: list[tuple[str, str]]) -> Counter[str]:
    """How many resources of each kind carry a PCN."""
    return Counter(kind for kind, text in resources if str(pcn) in text)
