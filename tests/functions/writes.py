"""What runs of master data and jobs write, and where."""

from bench import PCN, Bench, Row

JOBS = "/scheduling/v1/jobs"
TABLES = ("state", "quarantine", "fingerprints_jobs", "fingerprints_master_data")
# A time at which half of the small log's work is done.
MIDDLE = "2024-03-02T10:00:00Z"


def writes(record: list[Row]) -> list[str]:
    """Requests that change something, without reads that are POSTs."""
    reads = ("/byids", "/list", "/inspect")
    return [
        request["path"].split("/factory", 1)[1]
        for request in record
        if request["method"] == "POST" and not request["path"].endswith(reads)
    ]


def nothing_written(facility: Bench) -> None:
    assert [facility.raw(table) for table in TABLES] == [{}, {}, {}, {}]
    assert facility.events("job") == {}
    assert not any(name.startswith(f"PCN{PCN}_PART_") for name in facility.assets())
