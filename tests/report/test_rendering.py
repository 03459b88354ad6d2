"""The HTML of a report: every text is escaped, nothing runs, and nothing is fetched unless that is asked for."""

import sys
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings

from tests.plots.samples import LABELS
from tests.report.page import Page
from zoo_dag.errors import ReportError
from zoo_dag.report.parts import (
    LINK,
    WORDS,
    Bars,
    Chart,
    Columns,
    Curve,
    Group,
    Intervals,
    Part,
    Picture,
    Section,
    Table,
)
from zoo_dag.report.rendering import render
from zoo_dag.report.workflow import WorkflowReport

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
HOSTILE = "</text></svg></style><script>alert(1)</script><img src=//x onerror=alert(1)> \"'&{{7*7}}{% raw %}"
URL = "https://example.org/a.jpg?a=1&b=2"


def page(*parts: Part, pictures: bool = False, name: str = "Birds") -> Page:
    section = Section("one", "One", ("A sentence.",), parts)
    report = WorkflowReport(7, name, {"Subjects": "3"}, [section], [])
    return Page(render(Section("imports", "What was imported"), [report], until=NOON, pictures=pictures))


def bars(*labels: str | None) -> Chart:
    numbers = pl.DataFrame(
        {"Answer": labels, "subjects": range(1, len(labels) + 1)}, schema_overrides={"Answer": pl.String}
    )
    return Chart("Answers", "Subjects by answer.", numbers, Bars("Answer", ("subjects",), "subjects"))


def links(*cells: tuple[str, str | None]) -> Table:
    rows = [{"text": text, "url": url} for text, url in cells]
    return Table("Subjects", pl.DataFrame({"Subject": pl.Series(rows, dtype=LINK)}))


def test_every_text_from_outside_is_escaped_wherever_it_stands():
    words = pl.Series([[{"token": HOSTILE, "votes": 1, "n": 2}]], dtype=WORDS)
    picture = Picture(HOSTILE, HOSTILE, (10, 10), [], (0, 0), 1, HOSTILE)
    found = page(
        bars(HOSTILE),
        Table(HOSTILE, pl.DataFrame({HOSTILE: [HOSTILE], "Text": words})),
        links((HOSTILE, HOSTILE)),
        Group(HOSTILE, (f"{HOSTILE} `{HOSTILE}`",), (picture,)),
        name=HOSTILE,
    )
    assert found.faults == []
    assert (found.runs, found.fetches) == ([], [])
    assert found.text.count("<script>alert(1)</script>") >= 9
    assert "49" not in found.text


@settings(max_examples=10)
@given(LABELS)
def test_no_label_breaks_a_chart_or_a_table(label):
    found = page(bars(label, "other"), Table("Answers", pl.DataFrame({"Answer": [label], "n": [1]})))
    assert (found.faults, found.runs, found.fetches) == ([], [], [])


def test_only_web_addresses_are_links_and_pictures_are_shown_only_where_asked_for():
    table = links(("1", URL), ("2", "javascript:alert(1)"), ("3", None), ("4", "data:text/html,x"))
    picture = Picture("Marks", "Marks.", (10, 10), [], (2.5, 1), 0.5, URL)
    shown = page(table, picture)
    addresses = [each["href"] for each in shown.all("a") if not str(each["href"]).startswith("#")]
    assert addresses == [URL, URL]
    assert shown.fetches == []
    with_pictures = page(table, picture, pictures=True)
    assert with_pictures.fetches == [URL, URL]
    (image,) = with_pictures.all("img")
    assert image["alt"] == "Subject 1"
    assert {"transform": "scale(0.5) translate(-2.5 -1)"} in with_pictures.all("g")


@pytest.mark.parametrize(("pictures", "allowed"), [(False, ""), (True, "; img-src https: http:")])
def test_the_page_forbids_itself_whatever_it_does_not_need(pictures, allowed):
    (policy,) = [each["content"] for each in page(pictures=pictures).all("meta") if each.get("http-equiv")]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'{allowed}"


def test_a_chart_has_a_title_a_description_and_its_numbers_in_a_table():
    found = page(bars("Bird", "Fox"))
    (drawn,) = [each for each in found.all("div") if each.get("role") == "img"]
    assert drawn["aria-label"] == "Answers: Subjects by answer."
    assert [each.get("scope") for each in found.all("th")] == ["col", "col", "row", "row"]
    assert found.text.endswith("Numbers Answers Answersubjects Bird 1 Fox 2")
    assert len(found.all("details")) == len(found.all("caption")) == 1


def test_bars_of_the_same_name_stay_two_bars_and_a_missing_name_is_one():
    texts = page(bars("Bird", "Bird", None)).text
    assert "Bird (2)" in texts
    assert "(none)" in texts


def test_every_form_of_chart_is_drawn():
    numbers = pl.DataFrame(
        {"what": ["a", "b"], "n": [1, 0], "m": [2, 3], "low": [-0.2, None], "share": [0.1, 0.9]}
    )
    charts = [
        Chart("A", "A.", numbers, Bars("what", ("n", "m"), "things")),
        Chart("B", "B.", numbers, Columns("what", ("n", "m"), "things")),
        Chart("C", "C.", numbers, Curve("share", "share")),
        Chart("D", "D.", numbers, Curve("share", "share", "m")),
        Chart("E", "E.", numbers, Intervals("what", "share", "low", "share", (0.8,))),
    ]
    found = page(*charts)
    assert len(found.all("svg")) == 5
    assert found.faults == []


def test_colours_come_from_the_style_sheet_so_that_dark_pages_have_their_own():
    html = "".join(str(each) for each in page(bars("Bird")).elements)
    assert "var(--colour-1)" in html
    assert "#000" not in html


def test_numbers_are_written_for_people():
    values = {"what": ["x"], "count": [12345], "share": [0.123456], "none": [None], "at": [NOON], "yes": [True]}
    text = page(Table("Numbers", pl.DataFrame(values))).text
    assert text.endswith("x 12,345 0.123 - 2025-03-01 12:00 yes")


def test_headings_go_down_one_level_at_a_time():
    found = page(Group("A group", (), (bars("Bird"),)))
    assert found.headings == [1, 2, 2, 3, 4]


def test_words_in_doubt_are_marked_with_their_votes():
    words = pl.Series(
        [[{"token": "Light", "votes": 3, "n": 3}, {"token": "snow", "votes": 1, "n": 3}]], dtype=WORDS
    )
    found = page(Table("Texts", pl.DataFrame({"what": ["a"], "Text": words})))
    assert len(found.all("mark")) == 1
    assert "Light snow 1 of 3" in found.text


def test_without_the_extra_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)
    monkeypatch.delitem(sys.modules, "zoo_dag.report.charts", raising=False)
    with pytest.raises(
        ReportError, match=r'A report needs altair\. Install it with: pip install "zoo_dag\[report\]"'
    ):
        page()
