"""Consensus of texts, from classifications to the table: free text, transcribed lines, denominators, scopes."""

from collections.abc import Sequence
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.builders import answer, classification_row, workflow_row
from tests.task_types.samples import FIRST_OF_REPEATED, NO_WORKFLOWS, Sample, aggregated, flat, sample
from tests.task_types.texts.transcriptions import sentences, transcriptions
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import DEFAULTS, Texts
from zoo_dag.tables import TABLES
from zoo_dag.task_types.texts import TEXTS

COLUMNS = [
    "workflow_id",
    "workflow_version",
    "parent_task",
    "task",
    "task_revision",
    "task_label",
    "subject_id",
    "subject_ids",
    "n_classifications",
    "n_seen",
    "asked",
    "n_blank",
    "n_volunteers",
    "n_anonymous",
    "n_after_retirement",
    "line_index",
    "x1",
    "y1",
    "x2",
    "y2",
    "text",
    "n_answered",
    "agreement",
    "n_numbers",
    "number_median",
    "number_mean",
    "number_std",
    "tokens",
    "method",
    "frame",
    "tool_index",
    "tool_type",
    "tool_label",
]
LINE_TASK = workflow_row(
    tasks={
        "T0": {
            "type": "drawing",
            "instruction": "T0.instruction",
            "tools": [
                {
                    "type": "line",
                    "label": "T0.tools.0.label",
                    "details": [{"type": "text", "instruction": "Write"}],
                },
                {
                    "type": "point",
                    "label": "T0.tools.1.label",
                    "details": [{"type": "text", "instruction": "Say"}],
                },
            ],
        }
    },
    strings={"T0.instruction": "Underline", "T0.tools.0.label": "Line", "T0.tools.1.label": "Blot"},
)
Lines = Sequence[tuple[float, str | None]]


def consensus(given: Sample, scope: Scope = VERSION, settings: Settings | None = None) -> pl.DataFrame:
    return aggregated(TEXTS, given.tables, given.tables["tasks"], settings, scope)


def free(*texts: Any) -> Sample:
    return flat(*([answer("T3", text, "Notes")] for text in texts))


def transcribed(*volunteers: Lines) -> Sample:
    """Lines of the second generation, each with its height and its text."""
    annotations = []
    for lines in volunteers:
        marks = [
            {
                "x1": 10,
                "y1": y,
                "x2": 400,
                "y2": y + 2,
                "frame": 0,
                "toolType": "transcriptionLine",
                "toolIndex": 0,
            }
            | {"details": [{"task": "T0.0.0"}]}
            for y, _ in lines
        ]
        texts = [
            {"task": "T0.0.0", "value": text, "taskType": "text", "markIndex": place}
            for place, (_, text) in enumerate(lines)
            if text is not None
        ]
        annotations.append([{"task": "T0", "value": marks, "taskType": "transcription"}, *texts])
    return flat(*annotations, workflows=NO_WORKFLOWS)


def drawn(*volunteers: Sequence[dict[str, Any]]) -> Sample:
    """Marks of the first generation under LINE_TASK."""
    return flat(*([answer("T0", list(marks), "Underline")] for marks in volunteers), workflows=[LINE_TASK])


def mark(y: float, text: str) -> dict[str, Any]:
    return {"tool": 0, "frame": 0, "x1": 10, "y1": y, "x2": 400, "y2": y, "details": [{"value": text}]}


def test_the_columns_are_those_of_the_design_in_its_order() -> None:
    for scope, columns in (
        (VERSION, COLUMNS),
        (POOLED, [name if name != "workflow_version" else "versions" for name in COLUMNS]),
    ):
        found = consensus(free("Dear Sir"), scope)
        assert set(found.columns) == set(columns)
        assert found.schema == TABLES[scope.table("text_consensus")].dtypes
    assert consensus(free("Dear Sir")).columns == COLUMNS


def test_every_column_of_a_free_text() -> None:
    row = consensus(
        free("Dear [unclear]Sir[/unclear],", "Dear sir", "Deer [unclear]Sir[/unclear],", "")
    ).to_dicts()
    assert row == [
        {
            "workflow_id": 11,
            "workflow_version": "3.10",
            "parent_task": None,
            "task": "T3",
            "task_revision": "T3@3.10",
            "task_label": "Notes",
            "subject_id": 101,
            "subject_ids": "101",
            "n_classifications": 4,
            "n_seen": 4,
            "asked": 1.0,
            "n_blank": 1,
            "n_volunteers": 4,
            "n_anonymous": 0,
            "n_after_retirement": 0,
            "line_index": None,
            **dict.fromkeys(["x1", "y1", "x2", "y2"]),
            "text": "Dear [unclear]Sir[/unclear],",
            "n_answered": 3,
            "agreement": pytest.approx(5 / 6),
            "n_numbers": 0,
            **dict.fromkeys(["number_median", "number_mean", "number_std"]),
            "tokens": [
                {"token": "Dear", "votes": 2, "n": 3},
                {"token": "[unclear]Sir[/unclear],", "votes": 3, "n": 3},
            ],
            "method": "star_alignment",
            **dict.fromkeys(["frame", "tool_index", "tool_type", "tool_label"]),
        }
    ]


def test_where_nobody_wrote_there_is_a_row_without_a_text() -> None:
    columns = ["n_classifications", "n_blank", "n_answered", "text", "agreement", "tokens", "line_index"]
    assert consensus(free("", " \n")).select(columns).rows() == [(2, 2, 0, None, None, None, None)]


def test_no_annotations_give_an_empty_table_with_the_full_schema() -> None:
    for workflows in (None, NO_WORKFLOWS):
        found = consensus(sample([], workflows))
        assert found.is_empty()
        assert found.schema == TABLES["text_consensus"].dtypes


def test_excluded_rows_do_not_count() -> None:
    rows = [
        classification_row(number, user_id=7, user_name="ann", annotations=[answer("T3", text, "Notes")])
        for number, text in enumerate(("first", "second"), 1)
    ]
    assert consensus(sample(rows)).select("text", "n_classifications", "n_answered").rows() == [("first", 1, 1)]


@pytest.mark.parametrize("settings", [Settings(), FIRST_OF_REPEATED], ids=["last", "first"])
def test_the_texts_of_one_classification_are_joined_in_order_without_the_blank_ones(settings: Settings) -> None:
    said = ("the z line", "", "the a line")
    given = flat(*[[answer("T3", text, "Notes") for text in said]] * 2, [answer("T3", " ", "Notes")])
    found = consensus(given, settings=settings)
    columns = ["text", "n_answered", "n_blank", "n_classifications", "agreement"]
    assert found.select(columns).rows() == [("the z line\nthe a line", 2, 1, 3, 1.0)]


def test_the_lines_of_all_elements_count_and_of_a_line_that_was_transcribed_again_the_last() -> None:
    pages = [[(50, "Dear Sir"), (90, "yours")], [(130, "John")], [(51, "Dear Madam")]]
    given = flat(
        [answer("T0", [mark(y, text) for y, text in page], "Underline") for page in pages],
        [answer("T0", [mark(y, text) for page in pages for y, text in page], "Underline")],
        workflows=[LINE_TASK],
    )
    found = consensus(given).select("y1", "text", "n_answered")
    assert found.rows() == [(51, "Dear Madam", 2), (90, "yours", 2), (130, "John", 2)]


def test_texts_from_subjects_are_texts() -> None:
    given = flat([{"task": "T2", "value": "corrected", "taskType": "textFromSubject"}], workflows=NO_WORKFLOWS)
    assert consensus(given).select("task", "text").rows() == [("T2", "corrected")]


def test_transcribed_lines_are_grouped_and_come_in_reading_order() -> None:
    given = transcribed(
        [(90, "yours truly"), (50, "Dear Sir")],
        [(52, "Dear sir"), (88, "yours truely"), (130, "John")],
        [(49, "Deer Sir"), (91, "yours truly")],
    )
    found = consensus(given)
    columns = ["line_index", "x1", "y1", "x2", "y2", "text", "n_answered", "n_classifications"]
    assert found.select(columns).rows() == [
        (0, 10, 50, 400, 52, "Dear Sir", 3, 3),
        (1, 10, 90, 400, 92, "yours truly", 3, 3),
        (2, 10, 130, 400, 132, "John", 1, 3),
    ]
    assert found["agreement"].to_list() == [pytest.approx(5 / 6), pytest.approx(5 / 6), 1]


def test_a_line_that_one_volunteer_entered_twice_counts_once() -> None:
    found = consensus(transcribed([(50, "Dear Sir"), (51, "Dear Sir")], [(50, "Dear Madam")]))
    assert found.select("line_index", "n_answered", "n_volunteers").rows() == [(0, 2, 2)]
    assert [token["votes"] for token in found["tokens"][0]] == [2, 1]


def test_lines_without_a_text_are_none() -> None:
    found = consensus(transcribed([(50, "Dear Sir"), (90, None)], [(50, "")], []))
    assert found.select("line_index", "text", "n_answered", "n_classifications", "n_blank").rows() == [
        (0, "Dear Sir", 1, 3, 1)
    ]
    nobody = consensus(transcribed([(50, "")], []))
    assert nobody.select("line_index", "text", "n_answered", "n_classifications").rows() == [(None, None, 0, 2)]


def test_lines_outside_of_the_picture_are_none_and_who_drew_them_saw_the_page() -> None:
    found = consensus(transcribed([(50, "Dear Sir"), (1250, "oops")], [(50, "Dear Sir")], [(-90, "oops")]))
    assert found.select("text", "n_answered", "n_classifications", "n_blank").rows() == [("Dear Sir", 2, 3, 0)]


def test_lines_of_a_drawing_with_a_text_are_transcriptions_and_the_page_has_no_texts_about_points() -> None:
    point = {"tool": 1, "frame": 0, "x": 5, "y": 5, "details": [{"value": "blot"}]}
    given = drawn([mark(50, "Dear Sir"), point], [mark(52, "Dear Sir")])
    columns = ("task", "line_index", "text", "n_answered", "y1", "tool_label")
    assert consensus(given).select(columns).rows() == [
        ("T0", 0, "blot", 1, 5, "Blot"),
        ("T0", 1, "Dear Sir", 2, 51, "Line"),
    ]
    summarised = TEXTS.consensus.task_columns.named(consensus(given, POOLED), "T0", DEFAULTS.agreement)
    assert summarised.select("T0_text", "T0_agreement").rows() == [("Dear Sir", 1.0)]
    assert "T0_reached" in summarised.columns


def test_a_transcription_that_all_left_blank_is_recognised_by_its_definition() -> None:
    assert consensus(drawn([], [])).select("text", "n_answered", "n_blank").rows() == [(None, 0, 2)]


def test_other_drawings_have_no_text_consensus() -> None:
    given = flat([answer("T2", [{"tool": 0, "frame": 0, "x": 1, "y": 2, "details": []}], "Mark the nests")], [])
    assert given.tables["drawing_annotations"].height == 1
    assert consensus(given).is_empty()


def test_the_setting_says_how_near_lines_must_be() -> None:
    given = transcribed([(50, "Dear Sir")], [(70, "Dear Sir")])
    assert consensus(given).height == 1
    assert consensus(given, settings=Settings(texts=Texts(line_eps=15))).height == 2
    # The pictures are 1,600 pixels wide, and the lines 20 apart.
    assert consensus(given, settings=Settings(texts=Texts(line_eps_share=0.012))).height == 2
    assert consensus(given, settings=Settings(texts=Texts(line_eps=15, line_eps_share=0.013))).height == 1


def test_the_setting_says_whether_a_page_is_read_in_columns_or_rows() -> None:
    page = [
        {**mark(y, text), "x1": x, "x2": x + 380}
        for x, y, text in ((60, 50, "a"), (60, 110, "b"), (560, 50, "c"), (560, 110, "d"))
    ]
    given = drawn(page, page)
    assert consensus(given)["text"].to_list() == ["a", "b", "c", "d"]
    by_rows = Settings.model_validate({"transcription": {"reading_order": "rows"}})
    assert consensus(given, settings=by_rows)["text"].to_list() == ["a", "c", "b", "d"]
    assert consensus(given, settings=by_rows)["line_index"].to_list() == [0, 1, 2, 3]


def test_numbers_that_were_typed_have_a_median_a_mean_and_a_spread() -> None:
    found = consensus(free("10", "11", "12", " 13", "14", "unreadable", ""))
    columns = ("n_answered", "n_numbers", "number_median", "number_mean", "number_std")
    assert found.select(columns).rows() == [(6, 5, 12.0, 12.0, pytest.approx(2.5**0.5))]
    assert consensus(free("Dear Sir", "")).select(columns).rows() == [(1, 0, None, None, None)]
    assert consensus(free("", "")).select(columns).rows() == [(0, 0, None, None, None)]


def test_numbers_of_the_lines_of_a_page_are_those_of_each_line() -> None:
    found = consensus(transcribed([(50, "1848"), (90, "Dear Sir")], [(50, "1849"), (90, "Dear Sir")]))
    assert found.select("line_index", "n_numbers", "number_median").rows() == [(0, 2, 1848.5), (1, 0, None)]


def test_a_task_has_numbers_in_the_summary_where_most_of_its_texts_are_numbers() -> None:
    columns = TEXTS.consensus.task_columns
    summarised = columns.named(consensus(free("10", "12", "unreadable"), POOLED), "T0", DEFAULTS.agreement)
    assert summarised.select("T0_number_median", "T0_n_numbers").rows() == [(11.0, 2)]
    for given in (free("Dear Sir", "10", "Dear"), free("", "")):
        assert "T0_number_median" not in columns.named(consensus(given, POOLED), "T0", DEFAULTS.agreement).columns
    page = consensus(transcribed([(50, "1848")], [(50, "1848")]), POOLED)
    assert "T0_number_median" not in columns.named(page, "T0", DEFAULTS.agreement).columns


def test_versions_are_pooled_by_revision() -> None:
    older = consensus(free("Dear Sir"), POOLED)
    assert older.select("versions", "text", "n_answered").rows() == [(["3.10"], "Dear Sir", 1)]
    texts = pl.concat(
        [
            free("teh cat").tables["text_annotations"],
            free("the cat", "the bat").tables["text_annotations"].with_columns(workflow_version=pl.lit("3.11")),
        ]
    )
    # Classifications of another version are others.
    texts = texts.with_columns(classification_id=pl.int_range(pl.len()))
    tables = {"text_annotations": texts, "drawing_annotations": TABLES["drawing_annotations"].empty()}
    pooled = aggregated(TEXTS, tables, free("x").tables["tasks"], scope=POOLED)
    assert pooled.select("versions", "text", "n_answered").rows() == [(["3.10", "3.11"], "the cat", 3)]


@pytest.fixture(scope="module")
def pages() -> Sample:
    """Three subjects of four lines, each transcribed by four volunteers who draw and write carelessly."""
    random = Random(9)  # noqa: S311
    rows = []
    for subject in (101, 102, 103):
        written = [transcriptions(truth, 4, random) for truth in sentences(4, subject)]
        for volunteer in range(4):
            marks = [
                mark(50 + 40 * place + random.randint(-5, 5), texts[volunteer])
                for place, texts in enumerate(written)
                if random.random() > 0.1
            ]
            number = len(rows) + 1
            rows.append(
                classification_row(
                    number, subject_ids=str(subject), annotations=[answer("T0", marks, "Underline")]
                )
            )
    return sample(rows, [LINE_TASK])


def changed(pages: Sample, drawings: pl.DataFrame) -> pl.DataFrame:
    return consensus(Sample(pages.raw, {**pages.tables, "drawing_annotations": drawings}))


def test_the_order_of_the_rows_changes_nothing(pages: Sample) -> None:
    drawings = pages.tables["drawing_annotations"]
    assert consensus(pages).height >= 12
    assert_frame_equal(
        changed(pages, drawings.sample(fraction=1, shuffle=True, seed=1)), consensus(pages), check_exact=True
    )


def test_the_names_of_volunteers_change_nothing(pages: Sample) -> None:
    drawings = pages.tables["drawing_annotations"]
    names = drawings["user_key"].unique().sort()
    renamed = drawings.with_columns(
        pl.col("user_key").replace_strict(names, names.shuffle(seed=3), return_dtype=pl.String)
    )
    assert_frame_equal(changed(pages, renamed), consensus(pages), check_exact=True)


def test_subjects_do_not_touch_each_other(pages: Sample) -> None:
    drawings = pages.tables["drawing_annotations"]
    apart = [changed(pages, own) for own in drawings.partition_by("subject_id")]
    assert_frame_equal(pl.concat(apart).sort("subject_ids", "line_index"), consensus(pages))
