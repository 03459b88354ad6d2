"""Files of the team beside the exports: gold, which is known to be right, and the predictions of a machine.

A problem of a file is a SettingsError: one sentence with file, line and remedy. Nothing is taken from a file that
has one. Whether tasks and answers exist is decided later, with the tables.
"""

import csv
import difflib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.wording.sentences import listed, quoted

GOLD = ("subject_id", "task", "answer")
PREDICTIONS = (*GOLD, "probability")
# Where subjects are in several workflows.
_WORKFLOW = "workflow_id"
_SCHEMA = {
    "line": pl.Int64,
    "subject_ids": pl.String,
    "workflow_id": pl.Int64,
    "task": pl.String,
    "answer": pl.String,
}
_ROWS = 50_000
_SEPARATORS = ",;\t"
# How far a sum of probabilities may be from 1 by rounding.
_ROUNDING = 1e-3
_SUBJECTS = r"^[0-9]{1,18}(;[0-9]{1,18})*$"


def read_gold(path: Path) -> pl.DataFrame:
    """What is right, from a CSV with the columns GOLD, and `workflow_id` where it matters.

    Returns `line: Int64`, in which line of the file it is, `subject_ids: String`, `workflow_id: Int64` or null,
    `task` and `answer`, which is empty where nothing is right. Raises SettingsError.
    """
    rows = _checked(_read_csv(path, GOLD), path, GOLD)
    _require_once(path, rows)
    return rows


def read_predictions(path: Path) -> pl.DataFrame:
    """How probable a machine takes answers to be, from a CSV or a Parquet file with the columns PREDICTIONS.

    Returns the columns of `read_gold`, and `probability: Float64`. Raises SettingsError.
    """
    is_parquet = path.suffix.lower() == ".parquet"
    rows = _checked(_read_parquet(path) if is_parquet else _read_csv(path, PREDICTIONS), path, PREDICTIONS)
    number = pl.col("probability").str.strip_chars().cast(pl.Float64, strict=False)
    wrong = rows.filter(~number.is_between(0, 1).fill_null(False))
    if wrong.height:
        line, found = wrong.select("line", "probability").row(0)
        raise SettingsError(f"{path}, line {line}: a probability is a number from 0 to 1, not {quoted(found)}.")
    rows = rows.with_columns(number)
    _require_once(path, rows)
    return rows


def require_predictions(path: Path) -> None:
    """Raise SettingsError where a file of predictions is missing, or has not its columns."""
    if path.suffix.lower() == ".parquet":
        _read_parquet(path, n_rows=0)
    else:
        _read_csv(path, PREDICTIONS, n_rows=0)


def require_sums(path: Path, rows: pl.DataFrame, unit: Sequence[str]) -> None:
    """Raise SettingsError where the probabilities of a question with one answer are more than 1 together."""
    sums = rows.group_by(unit, maintain_order=True).agg(pl.col("probability").sum(), pl.col("line").max())
    wrong = sums.filter(pl.col("probability") > 1 + _ROUNDING).sort("line")
    if wrong.height:
        row = wrong.row(0, named=True)
        raise SettingsError(
            f"{path}, line {row['line']}: the probabilities of the answers of subject {row['subject_ids']} to "
            f"{row['task']} are {row['probability']:.3g} together. Only one of the answers is right: they are 1 "
            "at most."
        )


def _require_once(path: Path, rows: pl.DataFrame) -> None:
    said = ["subject_ids", "workflow_id", "task", "answer"]
    again = rows.filter(~pl.struct(said).is_first_distinct())
    if again.height:
        second = again.row(0, named=True)
        same = (pl.col(name).eq_missing(pl.lit(second[name])) for name in said)
        first = rows.filter(*same)["line"][0]
        raise SettingsError(
            f"{path}, line {second['line']}: subject {second['subject_ids']} has this answer to {second['task']} "
            f"in line {first} already. Remove one of them."
        )


def _checked(rows: pl.DataFrame, path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """All texts without spaces around them. Raises SettingsError for the first line with a wrong cell."""
    rows = rows.with_columns(pl.col(name).fill_null("").str.strip_chars() for name in columns)
    if _WORKFLOW not in rows.columns:
        rows = rows.with_columns(pl.lit("").alias(_WORKFLOW))
    rows = rows.with_columns(pl.col(_WORKFLOW).fill_null("").str.strip_chars())
    subjects = _plain_number(pl.col("subject_id")).str.replace_all(r"\s*[;,]\s*", ";")
    rows = rows.with_columns(subject_ids=subjects, workflow=_plain_number(pl.col(_WORKFLOW)))
    for column, is_right, expected in (
        ("subject_ids", pl.col("subject_ids").str.contains(_SUBJECTS), "a subject id"),
        ("task", pl.col("task") != "", "the key of a task, such as T0"),
        ("workflow", pl.col("workflow").str.contains(r"^[0-9]{0,18}$"), "a workflow id or nothing"),
    ):
        wrong = rows.filter(~is_right)
        if wrong.height:
            line, found = wrong.select("line", column).row(0)
            name = {"subject_ids": "subject_id", "workflow": _WORKFLOW}.get(column, column)
            raise SettingsError(f"{path}, line {line}, column {name}: expected {expected}, found {quoted(found)}.")
    # As tables have it: ids in their order.
    several = pl.col("subject_ids").str.split(";").list.eval(pl.element().cast(pl.Int64).unique().sort())
    return rows.with_columns(
        subject_ids=several.cast(pl.List(pl.String)).list.join(";"),
        workflow_id=pl.col("workflow").cast(pl.Int64, strict=False),
    ).select(*_SCHEMA, *columns[len(GOLD) :])


def _plain_number(text: pl.Expr) -> pl.Expr:
    """Programs that know no whole numbers beside missing ones write 123.0."""
    return text.str.strip_suffix(".0")


def _read_csv(path: Path, columns: Sequence[str], n_rows: int | None = None) -> pl.DataFrame:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            separator = max(_SEPARATORS, key=head.count)
            reader = csv.reader(file, delimiter=separator, strict=True)
            names = [name.strip().lower() for name in next(reader, [])]
            _require_columns(path, names, columns)
            rows = ((reader.line_num, row) for row in itertools.islice(reader, n_rows))
            frames = list(_frames(rows, path, names, [*columns, *([_WORKFLOW] if _WORKFLOW in names else [])]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from None
    return pl.concat(frames)


def _frames(
    rows: Iterator[tuple[int, list[str]]], path: Path, names: Sequence[str], wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    places = [names.index(name) for name in wanted]
    schema = {"line": pl.Int64(), **dict.fromkeys(wanted, pl.String())}
    yield pl.DataFrame(schema=schema)
    while batch := list(itertools.islice(rows, _ROWS)):
        # A line that is empty, or of separators only, says nothing.
        said = [(line, row) for line, row in batch if any(cell.strip() for cell in row)]
        short = next((line for line, row in said if len(row) <= max(places)), None)
        if short is not None:
            raise SettingsError(
                f"{path}, line {short}: it has fewer cells than the first line. Write all of them."
            )
        cells = [(line, *(row[place] for place in places)) for line, row in said]
        yield pl.DataFrame(cells, schema=schema, orient="row")


def _read_parquet(path: Path, n_rows: int | None = None) -> pl.DataFrame:
    try:
        rows = pl.scan_parquet(path, n_rows=n_rows, glob=False)
        names = rows.collect_schema().names()
        _require_columns(path, names, PREDICTIONS)
        wanted = [*PREDICTIONS, *([_WORKFLOW] if _WORKFLOW in names else [])]
        # The first row is what would be the second line of a CSV.
        texts = rows.select(pl.col(wanted).cast(pl.String)).with_row_index("line", offset=2)
        return texts.with_columns(pl.col("line").cast(pl.Int64)).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None


def _require_columns(path: Path, found: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in found]
    if not missing:
        return
    near = difflib.get_close_matches(missing[0], [name for name in found if name not in columns], n=1)
    remedy = f"Rename {quoted(near[0])}." if near else f"The columns are {', '.join(columns)}."
    there = f"there is {listed(map(quoted, found))}" if any(found) else "the file is empty"
    raise SettingsError(f"{path}, line 1: no column {missing[0]}; {there}. {remedy}")


def _unreadable(path: Path, error: Exception) -> SettingsError:
    if isinstance(error, FileNotFoundError):
        return SettingsError(f"{path}: there is no such file. The setting names a file in the data folder.")
    if isinstance(error, UnicodeDecodeError):
        return SettingsError(f"{path}: it is not in UTF-8. Save it as CSV in UTF-8.")
    if isinstance(error, OSError):
        return SettingsError(f"{path}: it cannot be read ({error.strerror}).")
    kind = "a Parquet" if path.suffix.lower() == ".parquet" else "a CSV"
    return SettingsError(f"{path}: it is not {kind} file: {str(error).splitlines()[0]}.")
