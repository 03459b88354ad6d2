"""The page for those who come from panoptes_aggregation: its numbers, and what of theirs it names."""

import re
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.written_tables import in_order, sections, tables_of
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

PAGE = (Path(__file__).parents[1] / "docs" / "coming_from_panoptes_aggregation.md").read_text(encoding="utf-8")
SIDE_BY_SIDE = sections(PAGE, 3)
# By heading: our table, and which of its rows are shown.
OURS: dict[str, tuple[str, dict[str, list[int] | list[str] | list[bool]]]] = {
    "A question": ("question_consensus", {"workflow_id": [3141], "workflow_version": ["4.11"], "task": ["T0"]}),
    "A survey": ("survey_consensus", {"workflow_version": ["5.9"], "task": ["T0"], "subject_id": [70101]}),
    "Points": (
        "drawing_consensus",
        {
            "workflow_version": ["5.9"],
            "task": ["T1"],
            "subject_id": [70101],
            "tool_index": [0],
            "is_candidate": [False],
        },
    ),
}
# Those of version 5.3.1.
EXTRACTORS = """all_tasks_empty bezier dropdown i2a line_text nfn pluck_and_split point point_by_frame
poly_line_text polygon question rectangle shape shortcut slider survey sw sw_graphic sw_variant text"""
REDUCERS = """dropdown first_n_false first_n_true optics_line_text point point_dbscan point_hdbscan poly_line_text
polygon polygon_contours question question_consensus rectangle shape_dbscan shape_hdbscan shape_optics shortcut
slider subject_difficulty survey sw_variant temporal_point_dbscan temporal_point_hdbscan tess_column
tess_gold_standard text user_skill"""


def table_of(heading: str) -> tuple[list[str], list[list[str]]]:
    _, header, rows = next(tables_of(SIDE_BY_SIDE[heading]))
    return header, rows


def ours(heading: str, demo: Path) -> pl.LazyFrame:
    table, rows = OURS[heading]
    return zoo_dag.scan(table, demo).filter([pl.col(name).is_in(values) for name, values in rows.items()])


@pytest.mark.parametrize("heading", OURS)
def test_our_columns_are_those_of_the_demo(heading: str, demo_by_command: Path) -> None:
    header, rows = table_of(heading)
    kept = [name for name in header if name != "theirs"]
    # What only they count has no row here.
    expected = [
        [cell for name, cell in zip(header, row, strict=True) if name != "theirs"] for row in rows if row[-1]
    ]
    shown = ours(heading, demo_by_command).select(kept)
    if heading == "A question":
        shown = shown.filter(pl.col("subject_id").is_in([int(row[0]) for row in rows]))
    assert in_order(shown.collect(), expected) == sorted(expected)


def test_their_votes_are_ours_of_all_classifications(demo_by_command: Path) -> None:
    """`question_reducer` knows no classification that does not count."""
    header, rows = table_of("A question")
    assert header[:3] == ["subject_id", "answer", "theirs"]
    told = zoo_dag.scan("question_annotations", demo_by_command, workflow=3141, version="4.11")
    shown = told.filter(pl.col("task") == "T0", pl.col("subject_id").is_in([int(row[0]) for row in rows]))
    votes = shown.drop_nulls("answer").group_by("subject_id", "answer").len().collect()
    assert sorted(map(list, votes.cast(pl.String).rows())) == sorted(row[:3] for row in rows)


def test_the_text_of_the_page_is_that_of_the_demo(demo_by_command: Path) -> None:
    section = " ".join(SIDE_BY_SIDE["A text"].split())
    texts = zoo_dag.scan("text_consensus", demo_by_command, workflow=3592, version="5.9")
    (row,) = texts.filter(task="T3", subject_id=70101).select("text", "agreement", "n_answered").collect().rows()
    assert f"*{row[0]}*, of {row[2]} people" in section
    assert f"`agreement`, {row[1]:.3f}," in section


def test_every_extractor_and_reducer_has_its_row_and_every_table_is_one() -> None:
    for kind, names in (("extractor", EXTRACTORS), ("reducer", REDUCERS)):
        _, _, rows = next(tables_of(sections(PAGE)[f"{kind.capitalize()}s"]))
        told = {re.sub(rf"_{kind}(?=_|$)", "", name) for row in rows for name in re.findall(r"`(\w+)`", row[0])}
        assert told == set(names.split())
        written = {name for row in rows for name in re.findall(r"`(\w+_(?:annotations|consensus))`", row[1])}
        assert written <= TABLES.keys()
    settings = {f"{name}.{field}" for name, section in Settings() for field in type(section).model_fields}
    assert set(re.findall(r"`((?:drawings|texts)\.\w+)`", PAGE)) <= settings
