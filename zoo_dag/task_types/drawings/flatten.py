"""Marks: drawing, transcription, crop and dataVisAnnotation (docs/exports.md, Drawings), one row per mark.

Projects have millions of marks. So `MarkReader` reads many marks at once, column by column.

A mark without the coordinates of its tool is `malformed`, as is one that is not an object, or whose frame is not a
position; a value that is not a number, or the text of one, counts as missing. A mark whose tool the task does not
have is `unknown_label`: its geometry is valid, and read by its shape, but what it marks is unknown.

A crop is one box, which is no list and has no tool. The marks of dataVisAnnotation are spans in the unit of the
subject's data, such as the days of a light curve.
"""

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, cast

import polars as pl

from zoo_dag.annotations.elements import Element, SubTask
from zoo_dag.annotations.structs import structs
from zoo_dag.annotations.values import as_number, json_text
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings import geometry, paths
from zoo_dag.task_types.drawings.details import Entry, read_details
from zoo_dag.task_types.drawings.tools import INDICES, TEXTS, ToolLabels, position

# Task types with one sort of marks only, which crops do not even name.
_ONLY_TOOL = {"crop": "crop", "dataVisAnnotation": "graph2dRangeX"}
_WITHOUT_TOOLS = "crop"
# The start of a mark on a video, minutes and whole seconds, such as "1:07".
_STAMP = "displayTimeStamp"
_DETAILS = cast("pl.List", TABLES["drawing_annotations"].dtypes["details"])
_NO_MARK: dict[str, Any] = {}
# Marks that are read at a time: small batches stay in the processor's cache.
_READ_MARKS = 1000
# Fields of marks that are numbers and booleans; TEXTS are texts.
_NUMERIC: dict[str, pl.DataType] = {
    **dict.fromkeys((*geometry.FIELDS, *INDICES, "frame"), pl.Float64()),
    **dict.fromkeys(paths.FLAGS, pl.Boolean()),
}
_READ = pl.Schema(
    {
        "mark_index": pl.Int32(),
        "mark": pl.String(),
        "task": pl.UInt32(),
        "only_tool": pl.String(),
        **_NUMERIC,
        **dict.fromkeys((*TEXTS, _STAMP), pl.String()),
        "points": paths.POINTS,
    }
)
_KEPT = ("mark_index", "mark", "tool_index", "tool_label", "unknown_tool", "only_tool")


class MarkReader:
    """Reads the marks of elements, many at once, into the columns of the table."""

    def __init__(self) -> None:
        """Start without marks."""
        # The marks that wait, and what the columns need besides.
        self._marks: list[Any] = []
        self._indices: list[int | None] = []
        self._tasks: list[int] = []
        self._only_tools: list[str | None] = []
        # Answers about marks in other elements, by the place of the mark.
        self._answers: dict[int, list[SubTask]] = {}
        self._read: list[pl.DataFrame] = []
        self._details: list[tuple[Entry, ...]] = []
        self._tools = ToolLabels()

    def add(self, element: Element) -> int:
        """Add the marks of an element, a row for each; a drawing left blank is one row without `mark_index`."""
        value, only = element.value, _ONLY_TOOL.get(element.task_type)
        is_list = isinstance(value, list) and (only != _WITHOUT_TOOLS or not value)
        marks = value if is_list else [] if value is None else [value]
        for answer in element.sub_tasks:
            self._answers.setdefault(len(self._marks) + answer.mark_index, []).append(answer)
        self._indices += range(len(marks)) if marks else (None,)
        self._marks += marks or (_NO_MARK,)
        n = len(marks) or 1
        self._tasks += repeat(self._tools.task(element.definition), n)
        self._only_tools += repeat(only, n)
        if len(self._marks) >= _READ_MARKS:
            self._read_marks()
        return n

    def _read_marks(self) -> None:
        # Texts, because the bytes that orjson makes take ten times their memory until they are freed.
        texts = pl.Series("mark", [json_text(value) for value in self._marks], pl.String())
        marks = [value if type(value) is dict else _NO_MARK for value in self._marks]
        present: set[str] = set().union(*marks)
        columns = [
            pl.Series("mark_index", self._indices, pl.Int32()),
            texts,
            pl.Series("task", self._tasks, pl.UInt32()),
            pl.Series("only_tool", self._only_tools, pl.String()),
            *_fields(marks, present, texts),
        ]
        if not present.isdisjoint(paths.FIELDS):
            columns.append(paths.read_points(marks))
        self._read.append(pl.DataFrame(columns))
        self._details += self._details_of(marks)
        self._marks, self._indices, self._tasks, self._only_tools, self._answers = [], [], [], [], {}

    def _details_of(self, marks: Sequence[dict[str, Any]]) -> list[tuple[Entry, ...]]:
        """The answers about each mark."""
        details: list[tuple[Entry, ...]] = [()] * len(marks)
        definitions = self._tools.definitions
        for place, mark in enumerate(marks):
            if mark.get("details") or place in self._answers:
                definition = definitions[self._tasks[place]]
                details[place] = read_details(mark, definition, self._answers.get(place, ()))
        return details

    def frame(self) -> pl.DataFrame:
        """`status` and the columns that only this table has, for all rows read, in order."""
        if self._marks:
            self._read_marks()
        read = pl.concat([pl.DataFrame(schema=_READ), *self._read], how="diagonal", rechunk=True)
        marks = read.with_columns(self._tools.of_marks(read).get_columns())
        drawn = pl.concat([marks.select(*_KEPT, _frame(), _stamp()), geometry.normalised(marks)], how="horizontal")
        blank = pl.col("mark_index").is_null()
        status = (
            pl.when(blank)
            .then(pl.lit("blank"))
            .when(~pl.col("complete") | pl.col("frame").is_null())
            .then(pl.lit("malformed"))
            .when(pl.col("unknown_tool") & pl.col("only_tool").ne_missing(_WITHOUT_TOOLS))
            .then(pl.lit("unknown_label"))
            .otherwise(pl.lit("answered"))
        )
        drawn = drawn.with_columns(structs("details", self._details, _DETAILS), status=status)
        if not drawn["mark_index"].null_count():
            return drawn
        # A drawing left blank has no mark, so its columns are null.
        return drawn.with_columns(
            pl.when(~blank).then(column).alias(column) for column in ("frame", "unit", "mark", "details")
        )


def _fields(marks: Sequence[dict[str, Any]], present: set[str], texts: pl.Series) -> list[pl.Series]:
    """The fields of marks that are numbers, texts and booleans, a column for each.

    Numbers are null where they are missing, NaN, which JSON does not have, where they are something else.
    """
    texted = [_texts(marks, field) for field in (*TEXTS, _STAMP) if field in present]
    wanted = {field: dtype for field, dtype in _NUMERIC.items() if field in present}
    # Polars reads true as 1, and has no option against it.
    if wanted and not texts.str.contains("true|false").any():
        try:
            return [*texted, *pl.from_dicts(marks, schema=wanted).get_columns()]
        except (pl.exceptions.PolarsError, TypeError):
            pass
    read = {field: [_READ_AS[dtype](mark.get(field)) for mark in marks] for field, dtype in wanted.items()}
    return [*texted, *(pl.Series(field, values, wanted[field]) for field, values in read.items())]


def _texts(marks: Sequence[dict[str, Any]], field: str) -> pl.Series:
    """A field that is a text, null where it is something else."""
    values = [mark.get(field) for mark in marks]
    try:
        return pl.Series(field, values, pl.String())
    except TypeError:
        return pl.Series(field, [value if isinstance(value, str) else None for value in values], pl.String())


def _as_number(value: Any) -> float | None:
    number = as_number(value)
    return number if number is not None or value is None else float("nan")


def _as_flag(value: Any) -> bool | None:
    return bool(value) if isinstance(value, int | float) else None


_READ_AS: dict[pl.DataType, Callable[[Any], Any]] = {pl.Float64(): _as_number, pl.Boolean(): _as_flag}


def _frame() -> pl.Expr:
    """The frame, 0 where it is missing and null where it is not a position."""
    frame = position(pl.col("frame").fill_null(0.0))
    return pl.when(frame >= 0).then(frame).alias("frame")


def _stamp() -> pl.Expr:
    """The whole seconds of the start; null below one second, where the stamp says nothing."""
    parts = [pl.col(_STAMP).str.extract(r"^(\d{1,2}):([0-5]\d)$", group).cast(pl.Int64) for group in (1, 2)]
    seconds = parts[0] * 60 + parts[1]
    return pl.when(seconds > 0).then(seconds).alias("start_stamp")
