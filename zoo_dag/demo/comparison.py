"""The demo's consensus beside the truth that its volunteers were given."""

import re
from collections.abc import Mapping

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from zoo_dag.demo.sheets.recovery import TABLES_USED, recovered_sheets
from zoo_dag.demo.sheets.truth import SheetTruth
from zoo_dag.demo.truth import DemoTruth
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

QUESTIONS = "pooled_question_consensus"
_SHOWN = 6
_WIDTH = 25
_IMAGE = re.compile(r"\s*!\[[^\]]*\]\([^)]*\)")


def show_comparison(folder: DataFolder, truth: DemoTruth, console: Console) -> None:
    """Print the first rows of the demo's consensus, and for each task how often the volunteers are right."""
    consensus = _read(folder, QUESTIONS, truth.workflow_id)
    console.print(_sample(consensus))
    console.print(_questions(recovered(consensus, truth)))
    sheets = recovered_from(folder, truth.sheets)
    if sheets is not None:
        console.print(_sheets(sheets))


def recovered_from(folder: DataFolder, truth: SheetTruth) -> pl.DataFrame | None:
    """`recovered_sheets` for the tables of a data folder; None where its second workflow has none."""
    tables = {name: _read(folder, name, truth.workflow_id) for name in TABLES_USED}
    return None if any(table.is_empty() for table in tables.values()) else recovered_sheets(tables, truth)


def _read(folder: DataFolder, name: str, workflow_id: int) -> pl.DataFrame:
    keys = folder.tables.select_keys(TABLES[name], workflow_id, None)
    return folder.tables.scan_all(TABLES[name], keys).collect()


def recovered(consensus: pl.DataFrame, truth: DemoTruth) -> pl.DataFrame:
    """How often the consensus of the questions is the truth, one row for each task.

    Takes `pooled_question_consensus` of the demo. A question with one answer is right where its winner is the
    truth, one with several where the answers of more than half of the volunteers are. Returns `task: String,
    task_label: String, units: Int64, right: Int64, tied: Int64`; a unit is a subject and a revision of the task.
    """
    answers: dict[str, dict[int, frozenset[str]]] = {
        "T0": {subject: frozenset({label}) for subject, label in truth.animal.items()},
        "T1": truth.behaviours,
        "T4": {subject: frozenset({label}) for subject, label in truth.light.items()},
    }
    unit = ["task", "task_revision", "subject_id"]
    chosen = pl.when(pl.col("task") == "T1").then(pl.col("fraction") > 0.5).otherwise(pl.col("rank") == 1)
    tie = ((pl.col("rank") == 1) & pl.col("tied")).any() & (pl.col("task") != "T1").all()
    units = (
        consensus.filter(pl.col("task").is_in(list(answers)), pl.col("n_answered") > 0)
        .group_by(unit)
        .agg(pl.col("task_label").first(), answers=pl.col("answer").filter(chosen), tied=tie)
    )
    rows = [
        (task, label, _plain(found) == _plain(answers[task][subject]), tied)
        for task, subject, label, found, tied in units.select(
            "task", "subject_id", "task_label", "answers", "tied"
        ).iter_rows()
    ]
    frame = pl.DataFrame(rows, schema=["task", "task_label", "right", "tied"], orient="row")
    hit = pl.col("right") & ~pl.col("tied")
    return (
        frame.group_by("task")
        .agg(
            pl.col("task_label").sort().last(),
            units=pl.len().cast(pl.Int64),
            right=hit.sum().cast(pl.Int64),
            tied=pl.col("tied").sum().cast(pl.Int64),
        )
        .sort("task")
    )


def _plain(labels: list[str] | frozenset[str]) -> set[str]:
    """Labels without case and punctuation: one version of the demo has a slip in a label."""
    return {label.casefold().replace(",", "") for label in labels}


def _sample(consensus: pl.DataFrame) -> RichTable:
    shown = _table(f"First rows of {QUESTIONS}", ("subject", "task", "answer"), ("votes", "of", "95 % interval"))
    for row in consensus.sort("subject_id", "task", "task_revision", "rank").head(_SHOWN).iter_rows(named=True):
        interval = f"{row['fraction_low']:.2f} to {row['fraction_high']:.2f}"
        cells = (row["subject_id"], row["task"], row["answer"], row["votes"], row["n_answered"], interval)
        shown.add_row(*map(_cut, cells))
    return shown


def _questions(found: pl.DataFrame) -> RichTable:
    shown = _table(
        "Questions: consensus against the truth", ("task", "question"), ("subjects", "right", "", "tied")
    )
    for task, label, units, right, tied in found.iter_rows():
        shown.add_row(*map(_cut, (task, label, units, right, f"{right / units:.0%}", tied)))
    return shown


def _sheets(found: pl.DataFrame) -> RichTable:
    names = ("of", "right", "", "false", "off by")
    shown = _table("All other task types: consensus against the truth", ("task", "what"), names)
    for row in found.iter_rows(named=True):
        share = f"{row['right'] / row['n']:.0%}" if row["n"] else ""
        cells = (row["task"], row["what"], row["n"], row["right"], share, row["false"], _error(row))
        shown.add_row(*map(_cut, cells))
    shown.caption = "false: what several volunteers saw, and is not there"
    shown.caption_justify = "left"
    return shown


def _error(row: Mapping[str, object]) -> str:
    error, unit = row["error"], row["unit"]
    if not isinstance(error, float):
        return ""
    words = {
        "px": f"{error:.1f} pixels",
        "IoU": f"overlap {error:.2f}",
        "WER": f"{error:.1%} of words",
        "percent": f"{error:.1f} percent",
    }
    return words[str(unit)]


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> RichTable:
    """A table that fits on 80 columns."""
    table = RichTable(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cut(cell: object) -> str:
    text = "" if cell is None else _IMAGE.sub("", str(cell))
    text = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
    return text.replace("[", r"\[")
