"""The demo's consensus beside the truth that its volunteers were given."""

import polars as pl
from rich.console import Console
from rich.table import Table as RichTable

from zoo_dag.data_folder import DataFolder
from zoo_dag.demo import DemoTruth
from zoo_dag.tables import TABLES

_SHOWN = 6


def show_comparison(folder: DataFolder, truth: DemoTruth, console: Console) -> None:
    """Print the first rows of the demo's consensus, and for each question how often the volunteers are right."""
    files, table = folder.tables, TABLES["question_consensus"]
    keys = files.select_keys(table, truth.workflow_id, None)
    consensus = files.scan_all(table, keys).collect()
    console.print(_sample(consensus))
    right = RichTable(title="Consensus against the truth of the demo", title_justify="left")
    for name in ("task", "question", "subject and version", "right", "wrong", "tied"):
        right.add_column(name)
    for task, label, units, hits, ties in recovered(consensus, truth).iter_rows():
        right.add_row(task, label, str(units), f"{hits} ({hits / units:.0%})", str(units - hits - ties), str(ties))
    console.print(right)


def recovered(consensus: pl.DataFrame, truth: DemoTruth) -> pl.DataFrame:
    """How often the consensus is the truth, one row for each task.

    Takes `question_consensus` of the demo. A question with one answer is right where its winner is the truth, one
    with several where the answers of more than half of the volunteers are. Returns `task: String,
    task_label: String, units: Int64, right: Int64, tied: Int64`.
    """
    answers: dict[str, dict[int, frozenset[str]]] = {
        "T0": {subject: frozenset({label}) for subject, label in truth.animal.items()},
        "T1": truth.behaviours,
        "T4": {subject: frozenset({label}) for subject, label in truth.light.items()},
    }
    unit = ["task", "workflow_version", "subject_id"]
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
    shown = RichTable(title="First rows of question_consensus", title_justify="left")
    names = ("workflow_version", "task", "subject_id", "answer", "votes", "n_answered", "fraction", "rank", "tied")
    for name in (*names, "95 % interval"):
        shown.add_column(name)
    for row in consensus.sort("subject_id", "task", "workflow_version", "rank").head(_SHOWN).iter_rows(named=True):
        cells = [f"{row[name]:.2f}" if name == "fraction" else str(row[name]) for name in names]
        interval = f"{row['fraction_low']:.2f} to {row['fraction_high']:.2f}"
        shown.add_row(*(cell.replace("[", r"\[") for cell in cells), interval)
    return shown
