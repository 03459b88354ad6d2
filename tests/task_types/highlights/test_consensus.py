"""Consensus of highlights: spans, their texts, and how many highlighted them."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal

from tests.builders import answer, classification_row
from tests.task_types.consensus_samples import consensus, highlight_workflow
from tests.task_types.metamorphic import PROPERTY, counted, everybody_twice
from tests.task_types.said import CASES
from tests.task_types.samples import aggregated, sample, tasks_of
from zoo_dag.consensus.pooling import pool
from zoo_dag.consensus.rules import UNIT
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement, Highlights
from zoo_dag.task_types.highlights import HIGHLIGHTS
from zoo_dag.task_types.highlights.summary import TASK_COLUMNS

TEXT = "We saw Allium vineale and Viola arvensis by the mill pond"


def marked(words: str, label: str | None = "Species", text: str = TEXT) -> dict[str, Any]:
    """The highlight of some words of a text."""
    start = len(text[: text.index(words)].encode("utf-16-le")) // 2
    end = start + len(words.encode("utf-16-le")) // 2 - 1
    information = {} if label is None else {"labelInformation": {"label": label, "color": f"#{label}"}}
    return {"start": start, "end": end, "text": words, **information}


def highlighted(*volunteers: list[dict[str, Any]] | None, settings: Settings | None = None) -> pl.DataFrame:
    """The consensus of what each of some volunteers highlighted in subject 101."""
    rows = [
        classification_row(number, annotations=[answer(value=value)]) for number, value in enumerate(volunteers, 1)
    ]
    return consensus(HIGHLIGHTS, sample(rows, [highlight_workflow()]), settings)


def test_a_span_has_the_label_the_text_and_the_share_of_those_who_saw_it() -> None:
    found = highlighted(
        [marked("Allium vineale"), marked("the mill pond", "Place")],
        [marked("Allium vineale and")],
        [marked("saw Allium vineale"), marked("mill pond", "Place")],
        [],
        [marked("mill pond", "Place")],
    )
    columns = ("label", "color", "span_index", "start", "end", "text", "n_marks", "n_members", "detection")
    assert found.select(columns).rows() == [
        ("Species", "#Species", 0, 7, 21, "Allium vineale", 3, 3, 0.6),
        ("Place", "#Place", 1, 48, 57, "mill pond", 3, 3, 0.6),
    ]
    assert found["is_candidate"].to_list() == [False, False]
    assert found.select("n_classifications", "n_blank", "n_any_label").row(0) == (5, 1, 3)
    assert found["detection_low"].to_list() == pytest.approx([0.231, 0.231], abs=0.001)
    assert found["end_std"][0] == pytest.approx(4 / 3**0.5)


def test_what_too_few_highlighted_is_a_candidate() -> None:
    two = [[marked("Viola arvensis")], [marked("Viola arvensis")]]
    assert highlighted(*two, [], [])["is_candidate"].to_list() == [False]
    assert highlighted(*two, [], [], [])["is_candidate"].to_list() == [True]
    settings = Settings.model_validate({"highlights": {"min_volunteers": 2}})
    assert highlighted(*two, [], [], [], settings=settings)["is_candidate"].to_list() == [False]
    assert highlighted(*two, *[[]] * 7, settings=settings)["is_candidate"].to_list() == [True]


def test_labels_in_dispute_are_counted() -> None:
    species, place = marked("Viola arvensis"), marked("Viola arvensis", "Place")
    found = highlighted([species], [species], [place], [marked("Viola arvensis by the mill pond", None)])
    spans = found.select("label", "n_members", "n_any_label", "is_candidate").rows()
    assert spans == [("Place", 1, 4, True), ("Species", 2, 4, False), (None, 1, 1, True)]


def test_offsets_count_code_units_of_javascript() -> None:
    text = "a 🦊🦊 fox 🦊 here"
    whole, part = marked("🦊 fox 🦊", text=text), marked("fox 🦊", text=text)
    found = highlighted([whole], [part], [part])
    assert found.select("start", "end", "text").rows() == [(7, 13, "fox 🦊")]
    # The text of the span is cut out of the first highlight that covers it.
    assert found["start_std"][0] == pytest.approx(3**0.5)


def test_a_span_that_nobody_highlighted_at_once_is_joined_by_a_space() -> None:
    pieces = [marked("Allium"), marked("vineale")]
    found = highlighted(pieces, pieces, pieces, [])
    assert found.select("text", "n_marks", "n_members", "detection").rows() == [("Allium vineale", 6, 3, 0.75)]


def test_the_end_is_that_of_the_text_whatever_the_export_says() -> None:
    said = marked("Allium vineale")
    found = highlighted([said], [said | {"end": said["end"] + 1}], [said | {"end": 999}])
    assert found.select("start", "end", "n_members").rows() == [(7, 21, 3)]


def test_white_space_and_what_cannot_be_read_are_in_no_span() -> None:
    found = highlighted([marked(" ")], [marked(" ")], [{"start": -1, "end": 3, "text": "saw"}], [])
    assert found.select("label", "start", "n_marks", "n_members", "detection", "is_candidate").rows() == [
        (None, None, 0, 0, None, None)
    ]
    assert found.select("n_classifications", "n_blank").row(0) == (4, 1)


def test_pooled_labels_are_those_of_the_newest_version_and_unknown_ones_go_by_colour() -> None:
    older = highlight_workflow(("species", "#1"), ("Place", "#2"), minor_version=9)
    newer = highlight_workflow(("Species", "#1"), ("Place", "#2"), minor_version=10)
    rows = []
    for number, (version, label, color) in enumerate(
        [("3.9", "species", "#1"), ("3.9", "Art", "#1"), ("3.10", "Species", "#1"), ("3.10", "Kind", "#9")], 1
    ):
        said = marked("Viola arvensis") | {"labelInformation": {"label": label, "color": color}}
        rows.append(
            (version, classification_row(number, workflow_version=version, annotations=[answer(value=[said])]))
        )
    parts = [sample([row for version, row in rows if version == one], [older, newer]) for one in ("3.9", "3.10")]
    table = pl.concat(part.tables["highlight_annotations"] for part in parts)
    assert table["label"].to_list() == ["species", "Art", "Species", "Kind"]
    tasks = pl.concat(tasks_of(one, [older, newer]) for one in ("3.9", "3.10"))
    decided = pl.DataFrame(
        schema={"classification_id": pl.Int64, "excluded": pl.String, "repeated": pl.List(pl.String)}
    )
    flattening = HIGHLIGHTS.flattening
    pooled = pool(table.lazy(), tasks.lazy(), decided, flattening.options, flattening.rename).collect()
    assert pooled["label"].to_list() == ["Species", "Species", "Species", "Kind"]
    found = aggregated(HIGHLIGHTS, {"highlight_annotations": pooled}, tasks, scope=POOLED)
    assert found.select("label", "n_members", "versions").rows() == [
        ("Kind", 1, ["3.9", "3.10"]),
        ("Species", 3, ["3.9", "3.10"]),
    ]


def test_the_summary_has_the_texts_of_each_label() -> None:
    first = [marked("Allium vineale"), marked("Viola arvensis"), marked("mill pond", "spans"), marked("We", None)]
    found = highlighted(first, first, first, [])
    columns = TASK_COLUMNS.named(found, "T0", Agreement())
    assert columns.to_dicts() == [
        {
            "subject_ids": "101",
            "T0_spans": 4,
            "T0_detection": 0.75,
            "T0_fraction_blank": 0.25,
            "T0_reached": True,
            "T0_unlabelled": "We",
            "T0_Species": "Allium vineale; Viola arvensis",
            "T0_label_spans": "mill pond",
        }
    ]
    empty = TASK_COLUMNS.named(highlighted([], [], [], [marked("We")]), "T0", Agreement())
    assert empty.select("T0_spans", "T0_detection", "T0_fraction_blank", "T0_reached").row(0) == (
        0,
        None,
        0.75,
        True,
    )


@PROPERTY
@given(CASES["highlight"].rows)
def test_every_highlight_that_counts_is_in_one_span(rows: pl.DataFrame) -> None:
    found = CASES["highlight"].check.of(rows)
    in_spans = dict(found.group_by("subject_ids").agg(pl.col("n_marks").sum()).iter_rows())
    readable = {
        subject: sum(bool((row["text"] or "").strip()) for own in classifications.values() for row in own)
        for subject, classifications in counted(rows).items()
    }
    assert in_spans == readable
    rules = {**UNIT, **HIGHLIGHTS.consensus_tables[0].rules}
    assert not any(found.select(broken.fill_null(False).any()).item() for broken in rules.values())
    assert found["span_index"].drop_nulls().to_list() == [
        number
        for n in found.drop_nulls("start").group_by("subject_ids", maintain_order=True).len()["len"]
        for number in range(n)
    ]


@PROPERTY
@given(CASES["highlight"].rows)
def test_every_volunteer_twice_leaves_the_whole_table_but_for_numbers(rows: pl.DataFrame) -> None:
    # With a floor of volunteers, more of them make a span of a candidate.
    chosen = Settings(highlights=Highlights(min_volunteers=1))
    tables = ({"highlight_annotations": each} for each in (rows, everybody_twice(rows)))
    once, twice = (
        aggregated(HIGHLIGHTS, table, tasks_of("3.10", [highlight_workflow()]), chosen) for table in tables
    )
    same = ("subject_ids", "label", "span_index", "start", "end", "text", "detection", "is_candidate")
    assert_frame_equal(twice.select(same), once.select(same))
    assert_frame_equal(twice.select("n_marks", "n_members"), once.select(pl.col("n_marks", "n_members") * 2))
