"""What the pages tell the reader to run is run, against the stand-ins as the pages start them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import requests
from docs_markdown import ROOT, blocks
from docs_sandbox import ASK, PAGE, cdf_requests, started

DOCS = ROOT / "docs"
OPERATIONS, ARCHITECTURE = DOCS / "operations.md", DOCS / "architecture.md"
BY_HAND = blocks(ROOT / "README.md", "python")
QUARANTINE, WRITE_AGAIN = blocks(OPERATIONS, "python")
RUN = """
import json
def run(function, **data):
    pipeline = function.replace("plex", "plex_340884", 1)
    call = client.functions.call(external_id=function, data={"pipeline": pipeline, **data})
    return call.get_response() or call.error
"""
HELD = (
    "print(json.dumps([len(kind.list(limit=None)) for kind in (client.events, client.assets, client.relationships)]))"
)
JOBS = 'run("plex_jobs")'


def test_what_the_pages_say_is_what_happens(tmp_path: Path) -> None:
    with started(tmp_path) as (reader, where):
        # A schedule that fires in the meantime would be in the record of requests too.
        requests.put(f"{where['cdf']}/__cdf__/clock", json={"cron": False}, timeout=30).raise_for_status()
        assert reader.python() == "0 assets\n"
        reader.deploy()

        said = reader.python(RUN, 'print(run("plex_master_data")["status"])', *BY_HAND, f"print(json.dumps({JOBS}))")
        first, dry_run, answer = said.splitlines()[1:]
        assert first == "success"
        assert dry_run.startswith("Completed {")
        assert "'plan'" in dry_run
        assert _shape(json.loads(answer)) == _shape(json.loads(*blocks(OPERATIONS, "json")))

        cdf_requests(where)
        before = reader.python(RUN, JOBS, HELD).splitlines()[-1]
        assert cdf_requests(where) == blocks(ARCHITECTURE, "text")[0].splitlines()
        assert reader.python(RUN, QUARANTINE, WRITE_AGAIN, HELD).splitlines()[-1] == before

        if shutil.which("curl"):
            reader.environment["PLEX_KEY"] = where["plexKey"]
            assert where["facilities"][0]["tenantId"] in reader.shell(ASK)


def _shape(answer: dict[str, Any]) -> tuple[list[str], list[str]]:
    return list(answer), list(answer["streams"]["jobs"])


def test_the_example_of_a_test_reads_parts_from_a_plex_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    exec(blocks(PAGE, "python")[1], {})  # noqa: S102 - the page's own snippet
    assert capsys.readouterr().out == "40 parts\n"


def test_the_example_of_a_stream_is_one() -> None:
    names: dict[str, Any] = {}
    for snippet in blocks(ARCHITECTURE, "python"):
        exec(snippet, names)  # noqa: S102 - the page's own snippets
    (stream,) = names["PARTNERS"].streams(None)
    assert (stream.name, stream.read.path, stream.kind) == ("suppliers", "/mdm/v1/suppliers", "SUPPLIER")
