"""How much of the demo's truth its tables recover: answers, marks, texts and passages, task by task."""

import math
import re
from collections.abc import Iterator
from statistics import fmean
from typing import Any, NamedTuple

import polars as pl
import shapely
from rapidfuzz.distance import Levenshtein
from shapely import affinity

from zoo_dag.demo import WorkflowTruth
from zoo_dag.settings.retirement import Rule
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.volunteers.retirements import replay_rules

QUESTIONS = "pooled_question_consensus"
POSTERIORS = "question_posteriors"
_SUBJECT = ["task", "task_revision", "subject_id"]
# The question that allows several answers.
_MULTIPLE = "T1"
# How sure a decision is, by the columns of posteriors.
_SURE = {"fraction": "fraction", "posterior": "posterior", "calibrated": "posterior_calibrated"}
_SHEETS = {
    "T0": "pooled_survey_consensus",
    "T1": "pooled_drawing_consensus",
    "T2": "pooled_text_consensus",
    "T3": "pooled_text_consensus",
    "T4": "pooled_dropdown_consensus",
    "T5": "pooled_dropdown_consensus",
    "T6": "pooled_slider_consensus",
    "T7": "pooled_highlight_consensus",
}
_NEAR, _NEAR_LINE = 15.0, 40.0
"""Tolerance in pixels for a mark, and for a transcribed line: volunteers do not agree where a line ends."""
_LEAST_IOU = 0.5
_PERCENT = 5.0

Row = dict[str, Any]


class Recovered(NamedTuple):
    """Of `n` true items `right` were recovered; `false` others are in the consensus, but not in the truth.

    `error` is the mean error of the recovered items, and `unit` its format: a distance in pixels; the area
    in common divided by the area of both together; wrong words divided by words; a difference in percent.
    """

    task: str
    what: str
    n: int
    right: int
    false: int | None = None
    tied: int | None = None
    error: float | None = None
    unit: str = ""


def read_table(folder: DataFolder, name: str, truth: WorkflowTruth) -> pl.DataFrame:
    """The rows of a workflow of the demo in a table of the data folder."""
    keys = folder.tables.select_keys(TABLES[name], truth.workflow_id, None)
    return folder.tables.scan_all(TABLES[name], keys).collect()


def recovered_questions(folder: DataFolder, truth: WorkflowTruth) -> list[Recovered]:
    """How often the consensus of a question is the truth, by task; `n` counts subjects, once for each revision.

    A single question is right where its winner is the truth, a multiple one where the answers of more than half of
    the volunteers are.
    """
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    multiple = pl.col("task") == _MULTIPLE
    chosen = pl.when(multiple).then(pl.col("fraction") > 0.5).otherwise(pl.col("rank") == 1)
    tasks = (
        read_table(folder, QUESTIONS, truth)
        .filter(pl.col("n_answered") > 0)
        .group_by(_SUBJECT)
        .agg(
            pl.col("task_label").first(),
            found=pl.col("answer").filter(chosen),
            tied=(pl.col("tied") & (pl.col("rank") == 1) & ~multiple).any(),
        )
        .join(true, on=["task", "subject_id"])
        .with_columns(right=_in_order("found") == _in_order("answers"))
        .group_by("task")
        .agg(
            pl.col("task_label").max(),
            pl.len(),
            (pl.col("right") & ~pl.col("tied")).sum(),
            pl.col("tied").sum(),
        )
        .sort("task")
    )
    return [Recovered(task, label, n, right, tied=tied) for task, label, n, right, tied in tasks.iter_rows()]


def _in_order(answers: str) -> pl.Expr:
    return pl.col(answers).list.eval(_plain(pl.element()).sort())


def _plain(answer: pl.Expr) -> pl.Expr:
    """One version of the demo has a slip of case and punctuation in a label. The truth has its picture."""
    picture = r" ?!\[[^\[\]]*\]\([^()]*\)"
    return answer.str.to_lowercase().str.replace_all(picture, "").str.replace_all(",", "")


class Weighed(NamedTuple):
    """Of `n` decisions on subjects that are not gold, how many are right by most votes, and by skill.

    `fraction`, `posterior` and `calibrated` are how sure they are on average: the share of the votes, and the
    probability before and after calibration.
    """

    task: str
    what: str
    n: int
    by_votes: float
    by_skill: float
    fraction: float
    posterior: float
    calibrated: float


def weighed_questions(folder: DataFolder, truth: WorkflowTruth) -> list[Weighed]:
    """How often posteriors are right and how sure they are, by task, in task revisions that are calibrated.

    A decision is the answer to a single question; of a multiple question, a yes or no to each answer that somebody
    gave. Where several answers have most votes, each counts for its part.
    """
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    multiple = pl.col("task") == _MULTIPLE
    rows = read_table(folder, POSTERIORS, truth).join(true, on=["task", "subject_id"])
    rows = rows.filter(pl.col("posterior_calibrated").is_not_null(), ~pl.col("is_gold"))
    is_true = _in_order("answers").list.contains(_plain(pl.col("answer")))
    each = rows.filter(multiple).select(
        "task",
        "task_label",
        by_votes=((pl.col("fraction") > 0.5) == is_true).cast(pl.Float64),
        by_skill=(pl.col("wins") == is_true).cast(pl.Float64),
        **{name: pl.max_horizontal(column, 1 - pl.col(column)) for name, column in _SURE.items()},
    )
    most = pl.col("votes") == pl.col("votes").max()
    one = (
        rows.filter(~multiple)
        .with_columns(is_true=is_true.cast(pl.Float64))
        .group_by(_SUBJECT, maintain_order=True)
        .agg(
            pl.col("task_label").first(),
            by_votes=pl.col("is_true").filter(most).mean(),
            by_skill=pl.col("is_true").filter(pl.col("wins")).first(),
            **{name: pl.col(column).max() for name, column in _SURE.items()},
        )
    )
    measures = ["by_votes", "by_skill", *_SURE]
    decisions = pl.concat([one.select(each.columns), each])
    tasks = decisions.group_by("task").agg(
        pl.col("task_label").max(),
        pl.len().alias("n"),
        pl.col("by_votes", "by_skill").sum(),
        pl.col(list(_SURE)).mean(),
    )
    return [Weighed(*row) for row in tasks.select("task", "task_label", "n", *measures).sort("task").iter_rows()]


class WithFewer(NamedTuple):
    """What a rule saves: the share of votes, and of `n` answers how many are right then, and with all votes."""

    saved: float
    n: int
    right: int
    right_of_all: int


def recovered_with_fewer(folder: DataFolder, truth: WorkflowTruth, rule: Rule) -> WithFewer:
    """The answers of questions with one answer under a rule that retires subjects, against the truth."""
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    votes = read_table(folder, "votes", truth).filter(~pl.col("of_several")).lazy()
    table = replay_rules(votes, [rule]).table.join(true, on=["task", "subject_id"])
    answers, right = pl.col("answers").list.eval(_plain(pl.element())), pl.col("answer", "answer_of_all")
    found = table.with_columns(_plain(right)).with_columns(answers=answers)
    counts = found.select(pl.col(name).is_in("answers").sum() for name in ("answer", "answer_of_all")).row(0)
    saved = 1 - int(table["n_used"].sum()) / int(table["n_votes"].sum())
    return WithFewer(saved, table.height, *counts)


def recovered_sheets(folder: DataFolder, truth: WorkflowTruth) -> list[Recovered]:
    """How much of the truth about the field sheets is recovered; empty where one of their tables is missing."""
    found = {task: read_table(folder, name, truth).filter(task=task) for task, name in _SHEETS.items()}
    if any(table.is_empty() for table in found.values()):
        return []
    true = {task: pl.DataFrame(rows, infer_schema_length=None) for task, rows in truth.answers.items()}
    remarks = true["T3"].join(found["T3"], on="subject_id", how="left").select("text_right", "text").rows()
    return [
        *_species(found["T0"], true["T0"]),
        *_marks(found["T1"], true["T1"]),
        *_lines(found["T2"], true["T2"]),
        _texts("T3", "remark", remarks),
        *_selects(found["T4"], true["T4"]),
        *_selects(found["T5"], true["T5"]),
        _percent(found["T6"], true["T6"]),
        _passages(found["T7"], true["T7"]),
    ]


def _species(found: pl.DataFrame, true: pl.DataFrame) -> Iterator[Recovered]:
    """As many species are present as volunteers named on average, as in Snapshot Serengeti, or none."""
    key = ["subject_id", "choice_label"]
    number = pl.when("is_blank").then(1).otherwise(pl.col("n_choices").round(mode="half_away_from_zero"))
    present = found.drop_nulls("choice_label").filter(pl.col("rank") <= number)
    wrong = pl.concat(
        [present.join(true, on=key, how="anti").select(key), true.join(present, on=key, how="anti").select(key)]
    )
    n = true["subject_id"].n_unique()
    yield Recovered("T0", "species of a sheet", n, n - wrong["subject_id"].n_unique())
    both = true.drop_nulls("count_median").join(present, on=key)
    doing = pl.element().struct.field("question_id") == "DOING", pl.element().struct.field("fraction") > 0.5
    answers = pl.col("answers").list.eval(pl.element().filter(*doing).struct.field("answer_label").sort())
    for what, right in (
        ("how many of a species", pl.col("count_median") == pl.col("count_median_right")),
        ("what a species does", pl.col("doing").list.sort() == answers),
    ):
        yield Recovered("T0", what, both.height, both.filter(right).height)


def _marks(found: pl.DataFrame, true: pl.DataFrame) -> Iterator[Recovered]:
    answers = []
    for (what, tool), marks in true.group_by("what", "tool_label", maintain_order=True):
        clusters = found.filter(~pl.col("is_candidate"), tool_label=tool)
        recovered, matches = _matched("T1", str(what), marks, clusters, _NEAR)
        yield recovered
        answers += [
            [mark["answer_label"]] == [detail["answer_label"] for detail in (row["details"] or [])[:1]]
            for mark, row in matches
            if mark["answer_label"]
        ]
    yield Recovered("T1", "answer about a nest", len(answers), sum(answers))


def _lines(found: pl.DataFrame, true: pl.DataFrame) -> Iterator[Recovered]:
    recovered, matches = _matched("T2", "lines", true, found.drop_nulls("line_index"), _NEAR_LINE)
    yield recovered
    texts = {(line["subject_id"], line["text"]): row["text"] for line, row in matches}
    lines = true.select("subject_id", "text").rows()
    yield _texts("T2", "text of a line", [(texts.get(line), line[1]) for line in lines])


def _matched(
    task: str, what: str, true: pl.DataFrame, found: pl.DataFrame, near: float
) -> tuple[Recovered, list[tuple[Row, Row]]]:
    """Each true mark with the nearest row; marks of a tool do not overlap, so no row is near two of them."""
    rows = found.rows(named=True)
    matches, errors, area = [], [], False
    for mark in true.iter_rows(named=True):
        area = bool(_shape(mark).area)
        pairs = [(_distance(mark, row), row) for row in rows if row["subject_id"] == mark["subject_id"]]
        distance, row = min(pairs, key=lambda pair: pair[0], default=(math.inf, {}))
        if distance <= (1 - _LEAST_IOU if area else near):
            matches.append((mark, row))
            errors.append(1 - distance if area else distance)
    error, unit = fmean(errors) if errors else None, "overlap {:.2f}" if area else "{:.1f} pixels"
    return Recovered(task, what, true.height, len(matches), len(rows) - len(matches), None, error, unit), matches


def _distance(mark: Row, row: Row) -> float:
    """1 - IoU of areas; the Hausdorff distance in pixels of points, of the ends of lines, and of paths."""
    one, other = _shape(mark), _shape(row)
    if one.area:
        return 1 - float(one.intersection(other).area) / float(one.union(other).area)
    return float(shapely.hausdorff_distance(one, other))


def _shape(mark: Row) -> shapely.Geometry:
    points = [(point["x"], point["y"]) for point in mark.get("points") or ()]
    match mark.get("tool_type"):
        case "point":
            return shapely.Point(mark["x"], mark["y"])
        case "freehandLine":
            return shapely.LineString(points)
        case "polygon":
            return shapely.make_valid(shapely.Polygon(points))
        case "circle" | "ellipse":
            rx, ry = mark.get("rx") or mark["r"], mark.get("ry") or mark["r"]
            shape = affinity.scale(shapely.Point(0, 0).buffer(1.0, 32), rx, ry)
        case "rectangle" | "rotateRectangle":
            shape = affinity.scale(shapely.box(-0.5, -0.5, 0.5, 0.5), mark["width"], mark["height"])
        case _:
            return shapely.MultiPoint([(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])])
    # With y downwards, a rotation by a positive angle is clockwise.
    return affinity.translate(affinity.rotate(shape, mark.get("angle") or 0.0, (0, 0)), mark["x"], mark["y"])


def _texts(task: str, what: str, pairs: list[tuple[str | None, str]]) -> Recovered:
    """Texts, without their tags, compared with the true ones."""
    plain = [(re.sub(r"\[/?unclear\]", "", text or ""), true) for text, true in pairs]
    wrong = sum(Levenshtein.distance(text.split(), true.split()) for text, true in plain)
    error = wrong / sum(len(true.split()) for _, true in plain)
    exact = sum(text == true for text, true in plain)
    return Recovered(task, what, len(plain), exact, error=error, unit="{:.1%} of words")


def _selects(found: pl.DataFrame, true: pl.DataFrame) -> Iterator[Recovered]:
    winners = found.filter(pl.col("rank") == 1, ~pl.col("tied"))
    typed = pl.coalesce("option_label_right", "free_text")
    for (select,), answers in true.group_by("select_label", maintain_order=True):
        both = answers.join(winners, on=["subject_id", "select_label"])
        right = both.filter(pl.col("option_label") == typed).height
        yield Recovered(found["task"][0], f"select {select}", answers.height, right)


def _percent(found: pl.DataFrame, true: pl.DataFrame) -> Recovered:
    difference = (pl.col("median") - pl.col("median_right")).abs()
    errors = true.join(found.drop_nulls("median"), on="subject_id").select(difference).to_series().to_list()
    right = sum(error <= _PERCENT for error in errors)
    return Recovered("T6", "percent within 5", true.height, right, error=fmean(errors), unit="{:.1f} percent")


def _passages(found: pl.DataFrame, true: pl.DataFrame) -> Recovered:
    """A passage is recovered where a span has its label, its start and its text."""
    spans = found.filter(~pl.col("is_candidate")).select(true.columns)
    right = spans.join(true, on=true.columns, how="semi").height
    return Recovered("T7", "passages", true.height, right, spans.height - right)
