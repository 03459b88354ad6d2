"""What inputs of known faults give: a table, a part of it, and its rows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Right:
    """The rows of some columns of a table, in any order; `where` chooses among its rows.

    `columns` are separated by commas. Numbers are equal to the last digit that is written here.
    """

    table: str
    columns: str
    rows: list[tuple[Any, ...]]
    where: pl.Expr = field(default_factory=lambda: pl.lit(True))


def subject(number: int) -> pl.Expr:
    return pl.col("subject_id") == number


def detail(label: str | None, votes: int, text: str | None = None) -> pl.Expr:
    """A row with an answer about a mark."""
    entry = pl.element().struct.field("answer_label").eq_missing(pl.lit(label))
    entry &= pl.element().struct.field("votes") == votes
    entry &= pl.element().struct.field("text").eq_missing(pl.lit(text))
    return pl.col("details").list.eval(entry).list.any()


BOTH = pl.col("n_members") >= 2
MORNING = datetime(2016, 3, 29, 6, 46, 18, tzinfo=UTC)
ROWS = "raw_classifications"

SAID: dict[str, list[Right]] = {
    "looped-survey": [
        Right("survey_consensus", "choice_id, votes", [("SEAFAN", 4), ("CORAL", 3), ("SPONGE", 3)]),
        Right("survey_consensus", "n_classifications", [(4,)] * 3),
        Right("drawing_consensus", "x, n_members", [(127.5, 4), (427.0, 3), (727.0, 3)], BOTH),
    ],
    "looped-v2": [
        Right("drawing_consensus", "x, n_members", [(101.0, 3), (501.0, 3)]),
        Right("drawing_consensus", "x", [(101.0,)], detail("Old", 3)),
        Right("drawing_consensus", "x", [(501.0,)], detail("New", 3)),
        Right("text_consensus", "text, n_answered", [("first word\nsecond word", 3)]),
    ],
    "child-in-two-combos": [
        Right("question_consensus", "parent_task, answer, votes", [("A", "Yes", 3), ("B", "No", 3)]),
        Right("pooled_question_consensus", "parent_task, answer, votes", [("A", "Yes", 3), ("B", "No", 3)]),
        Right("text_consensus", "parent_task, text", [("A", "upper line"), ("B", "lower line")]),
    ],
    "partial-then-whole": [
        Right("survey_consensus", "choice_id, votes, n_blank", [("DEER", 3, 0), ("FOX", 2, 0)], subject(1001)),
    ],
    "old-subjects": [
        Right(
            "subjects",
            "workflow_id, subject_set_id, classifications_count",
            [(77, 5, 5), (77, 6, 5), (78, 5, 2), (78, 6, 2)],
            subject(1001),
        ),
        Right("subject_summary", "classifications_count", [(5,)], subject(1001)),
    ],
    "old-subjects-per-set": [
        Right(
            "subjects",
            "workflow_id, subject_set_id, classifications_count",
            [(77, 5, 5), (78, 6, 2)],
            subject(1001),
        ),
    ],
    "subtasks": [
        Right("drawing_consensus", "n_members", [(4,)], detail("Feline", 2) & detail(None, 1, "my own")),
        Right("slider_consensus", "task, mean", [("T2", 0.5), ("T3", 0.1)]),
    ],
    "subtask-dropdown-v2": [
        Right(
            "drawing_consensus", "n_members", [(3,)], detail("Feline", 2) & detail("Canine", 1) & detail("b", 2)
        ),
    ],
    "degenerate-shapes": [
        Right("drawing_consensus", "width, height", [(60.0, 40.0)], BOTH & (pl.col("tool_type") == "rectangle")),
        Right("drawing_consensus", "r", [(20.0,)], BOTH & (pl.col("tool_type") == "circle")),
        Right(
            "drawing_consensus",
            "width, height, iou",
            [(80.0, 20.0, 1.0)],
            BOTH & (pl.col("tool_type") == "rotateRectangle"),
        ),
    ],
    "zero-length-line": [Right("text_consensus", "text, n_answered", [("Dear Sir", 4), ("I write", 4)])],
    "time-forms": [
        Right(
            "classifications",
            "started_at, duration_s",
            [(MORNING, 33.0)] * 5 + [(MORNING.replace(microsecond=123456), 33.0)] + [(None, None)] * 2,
        ),
    ],
    "survey-object": [
        Right("survey_consensus", "task, choice_id, votes", [("T1", "LION", 3), ("T1", "NTHNGHR", 1)]),
    ],
    "flexible-survey": [
        Right(
            "survey_consensus", "choice_id, votes, n_blank, n_classifications", [("ELK", 2, 1, 4), ("NA", 1, 1, 4)]
        ),
    ],
    "raw-rows-no-workflows": [Right("dropdown_consensus", "option_label, votes", [("Peru", 3)])],
    "sliders-without-workflows": [
        Right(
            "slider_consensus",
            "task, subject_id, mean, n_blank",
            [("T5", 2001, 1.25, 0), ("T5", 2002, 3.5, 0), ("T5", 2003, 0.75, 1)],
        ),
    ],
    "folder-with-aggregation-output": [Right("classifications", "workflow_id", [(77,)] * 6)],
    "utf16": [Right("question_annotations", "answer", [("Yes",)] * 3 + [("No",)] * 2)],
    "unicode-text": [
        Right("text_consensus", "agreement", [(0.75,)], subject(1001)),
        Right("text_consensus", "n_answered, n_blank", [(1, 3)], subject(1003)),
    ],
    "subjects-oddities": [
        Right("subjects", "locations", [([None, "https://x/7.jpg"],)], subject(1007)),
        Right("subjects", "locations", [(["https://x/1001.jpg", "https://x/1001b.jpg"],)], subject(1001)),
        Right("subjects", "subject_id", [(number,) for number in range(1001, 1008)]),
        Right("subjects", "retired_at", [(datetime(2023, 5, 1, tzinfo=UTC),)], subject(1004)),
    ],
    "two-columns": [
        Right(
            "text_consensus",
            "line_index, text, n_answered",
            [
                (4 * column + place, f"{side} {number}", 3)
                for column, side in enumerate(("Left", "Right"))
                for place, number in enumerate(("one", "two", "three", "four"))
            ],
        ),
    ],
    "padded-rows": [Right("classifications", "workflow_id", [(10,)] * 7)],
}

SCIENCE: dict[str, list[Right]] = {
    "reached-by-one-answer": [
        Right("subject_summary", "Q_answer, Q_reached, Q_fraction_blank", [("yes", False, 0.9)]),
    ],
    "multiple-denominator": [
        Right(
            "question_consensus",
            "answer, votes, n_answered, fraction, fraction_low, fraction_high",
            [("fire", 1, 10, 0.1, 0.018, 0.404)],
        ),
    ],
    "chained-neighbours": [
        Right("drawing_consensus", "frame", [(0,), (0,)], BOTH),
        Right("drawing_consensus", "n_members", [], pl.col("n_members") != pl.col("n_marks")),
    ],
    "eps-on-large-image": [Right("drawing_consensus", "n_members, detection", [(10, 1.0)], BOTH)],
    "two-of-three-marked": [Right("drawing_consensus", "n_members, detection", [(2, 0.67)])],
    "agreed-empty-not-reached": [Right("subject_summary", "D_marks, D_reached", [(0, True)])],
    "unclosed-outlines": [Right("drawing_consensus", "n_members, closed", [(4, True)])],
    "bezier-control-points": [Right("drawing_consensus", "n_members, closed", [(3, True)])],
    "string-without-label": [Right("question_consensus", "answer, votes", [("Yes", 3)])],
    "task-in-two-combos": [
        Right("slider_consensus", "parent_task, task, mean", [("disk", "scale", 0.1), ("bulge", "scale", 0.9)]),
    ],
    "only-x-marks": [
        Right("drawing_consensus", "tool_type, x, y, n_members", [("fullHeightLine", 101.0, None, 3)])
    ],
    "old-subject-set": [
        Right("subjects", "subject_id, workflow_id, subject_set_id", [(5, 1, 4262)]),
    ],
    "survey-tie-hidden": [
        Right("subject_summary", "S_choices", [("ZEBRA; WILDEBEEST",)]),
        Right("survey_consensus", "choice_id, votes, tied", [("ZEBRA", 5, True), ("WILDEBEEST", 5, True)]),
    ],
    "blank-choice-unknown": [
        Right(
            "survey_consensus",
            "choice_id, votes, fraction_blank, is_blank, evenness_without_blanks",
            [("NOANIMALSPRESENT", 6, 0.6, True, 0.0), ("ZEBRA", 4, 0.6, True, 0.0)],
        ),
    ],
}

MEANING: dict[str, list[Right]] = {
    "ids-made-anew": [
        Right(
            "subject_summary", "T0_choices, T0_counts, T0_answers", [("Giraffe", "2", "How many? 1 (2), 2 (3)")]
        ),
        Right(
            "pooled_survey_consensus",
            "votes, count_min, count_median, count_max",
            [(5, "1", "2", "2")],
            pl.col("choice_label") == "Giraffe",
        ),
    ],
    "number-of-species": [
        Right(
            "subject_summary",
            "subject_id, T0_choices, T0_is_blank",
            [(1001, "Zebra; Wildebeest", False), (1002, "Zebra; Wildebeest", False)],
        ),
        Right("survey_consensus", "n_choices", [(2.0,)] * 7),
    ],
    "several-answers": [
        Right("subject_summary", "T0_answer, T0_agreement", [(None, 0.667)]),
        Right(
            "question_consensus",
            "answer, votes, tied, agreement, entropy",
            [("Red", 4, False, 0.667, 0.911), ("Blue", 3, True, 0.667, 0.911), ("Green", 3, True, 0.667, 0.911)],
        ),
    ],
}

# These are not recounted.
LATER: dict[str, list[Right]] = {
    "question-reworded": [
        Right(
            "pooled_question_consensus",
            "task, answer, votes, n_answered, asked",
            [("T0", "Yes", 3, 3, 1.0), ("T0", "No", 3, 3, 1.0), ("T1", "Yes", 6, 6, 1.0)],
        ),
        Right("pooled_text_consensus", "text, n_answered", [("Ode to spring", 3), ("1821", 3)]),
    ],
    "workflows-export-too-old": [
        Right(
            "drawing_consensus",
            "workflow_version, tool_label, x",
            [("3.2", "Cat", 501.0), ("3.2", "Dog", 101.0), ("4.3", "Cat", 501.0), ("4.3", "Dog", 101.0)],
        ),
        Right("pooled_drawing_consensus", "tool_label, x, n_members", [("Cat", 501.0, 6), ("Dog", 101.0, 6)]),
        Right(
            "pooled_question_consensus",
            "task_label, answer, votes",
            [("Is there a cat?", "Yes", 3), ("Is there a dog?", "No", 3)],
        ),
    ],
    "old-order-of-keys": [
        Right(
            "question_consensus",
            "subject_id, task, answer, votes, n_answered, n_blank",
            [
                (1001, "T0", "Yes", 3, 4, 1),
                (1001, "T0", "No", 1, 4, 1),
                (1002, "T0", "No", 2, 3, 0),
                (1002, "T0", "Yes", 1, 3, 0),
                (1003, "T0", "Yes", 5, 5, 0),
                (1003, "T1", "Round", 4, 5, 0),
                (1003, "T1", "Edge on", 1, 5, 0),
            ],
        ),
        Right("text_consensus", "text", []),
    ],
    "no-user-id-shared-address": [
        Right(
            "question_consensus",
            "subject_id, answer, votes, n_volunteers, n_anonymous",
            [(1001, "Yes", 2, 3, 0), (1001, "No", 1, 3, 0), (1002, "Yes", 1, 2, 0), (1002, "No", 1, 2, 0)],
        ),
    ],
    "shortcut-beside-survey": [
        Right(
            "question_consensus",
            "answer, votes, n_classifications, fraction, fraction_of_all",
            [("Nothing here", 2, 5, 0.4, 0.4)],
        ),
        Right("subject_summary", "T0_choices, T1_answer, T1_fraction", [("Deer", None, 0.4)]),
    ],
    "again-but-another-question": [
        Right("pooled_question_consensus", "answer, votes, asked", [("Cat", 3, 1.0), ("No dog", 3, 1.0)]),
        Right("subject_summary", "n_classifications, n_volunteers, n_excluded", [(6, 3, 0)]),
    ],
    "marks-outside": [
        Right("drawing_consensus", "x, y, n_members", [(501.5, 400.0, 4)] * 2),
        Right("drawing_annotations", "x", [(x,) for x in (-43.0, -42.0, -41.0, -40.0)], pl.col("x") < 0),
        Right("subject_summary", "T0_marks, T0_median_marks", [(1, 1.0)] * 2),
    ],
    "tree-left-over": [
        Right(
            "question_consensus",
            "task, answer, votes, n_classifications, n_seen",
            [
                ("T0", "Featured", 3, 5, 5),
                ("T0", "Smooth", 2, 5, 5),
                ("T1", "Bar", 2, 3, 5),
                ("T1", "No bar", 1, 3, 5),
                ("T2", "Round", 2, 2, 5),
            ],
            subject(1001),
        ),
        Right("question_annotations", "task, answer", [("T1", "Bar")], pl.col("excluded") == "left_branch"),
    ],
    "start-of-session": [Right("classifications", "duration_s", [(30.0,)] * 5)],
}

DAMAGED: dict[str, list[Right]] = {
    "damaged/col-excluded": [
        Right(ROWS, "excluded", [("1",)] * 2),
        Right("classifications", "excluded", [(None,), ("repeat",)]),
    ],
    "damaged/col-partition": [
        Right(ROWS, "partition key", [("1",)] * 2),
        Right("question_consensus", "answer, votes", [("y", 1)]),
    ],
    "damaged/col-row-b": [
        Right(ROWS, "row", [("1",)] * 2),
        Right("question_consensus", "answer, votes", [("n", 1)]),
    ],
    "damaged/col-star-noid": [
        Right(ROWS, "* (2)", [("1",)] * 2),
        Right("question_consensus", "answer, votes", [("y", 1)]),
    ],
    "damaged/digits-workflow": [
        Right("raw_quarantine", "source_row, column", [(1, "workflow_id")]),
        Right("question_consensus", "answer, votes", [("y", 1)]),
    ],
    "damaged/year0": [
        Right("parsed_quarantine", "source_row, column", [(1, "created_at")]),
        Right("question_consensus", "answer, votes", [("y", 1)]),
    ],
}
