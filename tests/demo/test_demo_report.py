"""The picture: complete, escaped, and of one piece."""

from __future__ import annotations

from html.parser import HTMLParser

from sandbox.demo.calls import Call
from sandbox.demo.content import Content, Points
from sandbox.demo.hierarchy import build_tree
from sandbox.demo.promises import Promise
from sandbox.demo.report import FIGURES, MOST_LEAVES, Picture, Shown, render
from sandbox.demo.terminal import call_table, tree_lines
from sandbox.demo.timeline import MOST_BARS

HOSTILE = '<script>alert("x")</script>&'
DAY = 86_400_000
VOID = {"meta"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed wrongly, and keeps what it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.sources += [str(value) for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def picture(*, parts: int = 3, jobs: int = 3, name: str = "Bolt", points: dict[str, Points] | None = None) -> Picture:
    assets = [
        {"id": 1, "externalId": "PCN1_FACILITY", "name": "Millbrook"},
        {"id": 2, "externalId": "PCN1_PARTS_LIBRARY", "name": "Parts Library", "parentId": 1},
        {"id": 3, "externalId": "PCN1_QUALITY", "name": "Quality", "parentId": 1},
    ]
    assets += [
        {"id": 10 + n, "externalId": f"PCN1_PART_{uuid(n)}", "name": f"{name} {n:04d}", "parentId": 2}
        for n in range(parts)
    ]
    events = [
        {
            "id": 10_000 + n,
            "externalId": f"PCN1_JOB_{uuid(n)}",
            "type": "job",
            "subtype": "Open" if n == 0 else HOSTILE,
            "description": f"Job {name} {n}",
            "startTime": n * DAY,
            "assetIds": [10 + n % parts],
            **({} if n == 0 else {"endTime": (n + 2) * DAY}),
        }
        for n in range(jobs)
    ]
    calls = [Call(1, name, 5, "Failed", error=name), Call(2, "plex_jobs", 6, "success", seconds=1.5)]
    promises = [Promise("kept one", held=True, detail="fine"), Promise("broken one", held=False, detail=name)]
    shown = Shown(name, f"{name} (PCN 1)", Content(assets, events, points=points or {}), dict.fromkeys(FIGURES, 7))
    return Picture([shown], calls, promises)


def parsed(page: str) -> Balanced:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = render(picture())
    seen = parsed(page)
    assert all(source.startswith("#") for source in seen.sources)
    assert {"svg", "table", "details"} <= set(seen.seen)
    assert "script" not in seen.seen
    assert "url(" not in page
    assert "1 of 2 promises broken" in page


def test_what_comes_from_cdf_is_escaped() -> None:
    page = render(picture(name=HOSTILE))
    parsed(page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_open_jobs_have_a_point_and_closed_ones_an_end() -> None:
    page = render(picture(jobs=4))
    assert page.count('<polygon class="job open') == 1
    assert page.count('<rect class="job') == 3
    assert "Open: 1970-01-01 00:00 – open" in page


def test_jobs_without_a_start_are_named_as_a_number() -> None:
    some = picture(jobs=4)
    del some.facilities[0].content.events[3]["startTime"]
    assert "3 jobs, 1 more have no start" in render(some)


def test_jobs_without_a_part_or_a_status_are_drawn_too() -> None:
    bare = picture(jobs=1)
    bare.facilities[0].content.events[0] |= {"assetIds": None, "subtype": None, "description": None}
    page = render(bare)
    assert "no part" in page
    assert "no status" in page


def test_a_sample_says_that_it_is_one() -> None:
    page = render(picture(jobs=MOST_BARS + 100))
    assert page.count('class="job') == MOST_BARS
    assert f"a sample of {MOST_BARS} of {MOST_BARS + 100} jobs" in page


def test_a_large_branch_is_cut_with_a_count() -> None:
    page = render(picture(parts=MOST_LEAVES + 1234))
    assert page.count("<li><span title=") == MOST_LEAVES
    assert "… and 1,234 more" in page
    assert '<span class="count">1,294</span>' in page


def test_no_jobs_and_no_assets_make_a_page_too() -> None:
    empty = Picture([Shown("nothing", "nothing", Content(), dict.fromkeys(FIGURES, 0))], [], [])
    page = render(empty)
    parsed(page)
    for said in (
        "CDF holds no job with a start",
        "CDF holds no OEE and no pieces",
        "CDF holds nothing that is on hand",
    ):
        assert said in page


def workcenter_points(name: str = "Lathe") -> Picture:
    key, location = uuid(77), uuid(78)
    figures = {"OEE_DAY": 0.7, "AVAILABILITY_DAY": 0.9, "GOOD": 120, "SCRAP": 3}
    points: dict[str, Points] = {f"PCN1_WORKCENTER_{key}_{figure}": {DAY: value} for figure, value in figures.items()}
    points[f"PCN1_ONHAND_{location}_{uuid(1)}"] = {DAY: 5.0, 2 * DAY: 40.0}
    points[f"PCN1_ONHAND_{location}_{uuid(0)}"] = {DAY: 7.0, 2 * DAY: 0.0}
    shown = picture(points=points)
    shown.facilities[0].content.assets.extend(
        [
            {"id": 5, "externalId": f"PCN1_WORKCENTER_{key}", "name": name},
            {"id": 6, "externalId": f"PCN1_LOCATION_{location}", "name": f"{name} rack"},
            {"id": 7, "externalId": f"PCN1_LOCATION_{uuid(79)}", "name": "Empty rack"},
        ]
    )
    return shown


def test_a_workcenter_has_its_oee_and_its_pieces_and_a_location_what_is_on_hand() -> None:
    page = render(workcenter_points())
    parsed(page)
    assert "Lathe\n1970-01-02\nOEE 70%\navailability 90%</title>" in page
    assert "Lathe\n1970-01-02\n120 good</title>" in page
    assert "Lathe\n1970-01-02\n3 scrapped</title>" in page
    assert "Lathe rack\nBolt 0001\n40</title>" in page
    assert "Bolt 0000\n" not in page[page.index("On hand by location") : page.index("Jobs on a time line")]
    assert "1 locations are empty" in page


def test_names_of_workcenters_and_locations_are_escaped() -> None:
    page = render(workcenter_points(HOSTILE))
    parsed(page)
    assert "<script" not in page


def test_every_facility_has_its_part_of_the_page() -> None:
    one, other = picture(name="Millbrook").facilities[0], picture(name="Harlan Creek").facilities[0]
    page = render(Picture([one, other], [], []))
    parsed(page)
    for number, name in enumerate(("Millbrook", "Harlan Creek")):
        assert f'<a href="#f{number}">{name}</a>' in page
        assert f'id="f{number}">{name}</h2>' in page


def test_the_terminal_shows_the_same_table_and_tree() -> None:
    shown = picture(parts=5)
    lines = call_table(shown.calls)
    assert lines[0].split()[:5] == ["pass", "facility", "function", "status", "rows"]
    assert len({len(line) for line in lines}) == 1
    (root,) = build_tree(shown.facilities[0].content.assets)
    assert tree_lines(root) == [
        "Millbrook  (5)",
        "  Parts Library  (5)",
        "    · Bolt 0000",
        "    · Bolt 0001",
        "    · Bolt 0002",
        "    · … and 2 more",
        "  Quality",
    ]
