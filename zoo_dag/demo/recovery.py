"""How much of the truth about the demo's field sheets its tables recover: marks, texts, choices, task by task."""

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
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

_SHEETS = {
    "T0": "pooled_survey_consensus",
    "T1": "pooled_drawing_consensus",
    "T2": "pooled_text_consensus",
    "T3": "pooled_text_consensus",
    "T4": "pooled_dropdown_consensus",
    "T5": "pooled_dropdown_consensus",
    "T6": "pooled_slider_consensus",
    "T8": "pooled_drawing_consensus",
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
        *_crops(found["T8"], true["T8"]),
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


def _crops(found: pl.DataFrame, true: pl.DataFrame) -> Iterator[Recovered]:
    recovered, _ = _matched("T8", "part of a map", true, found.filter(~pl.col("is_candidate")), _NEAR)
    yield recovered


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
        case "rectangle" | "rotateRectangle" | "crop":
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
