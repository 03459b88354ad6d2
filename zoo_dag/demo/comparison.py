"""The demo's consensus compared with its truth, as tables of at most 80 columns on the terminal."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from zoo_dag.demo import DemoTruth, WorkflowTruth
from zoo_dag.demo.plainer import beside_plainer
from zoo_dag.demo.questions import (
    POSTERIORS,
    QUESTIONS,
    Weighed,
    recovered_questions,
    recovered_with_fewer,
    weighed_questions,
)
from zoo_dag.demo.recovery import Recovered, read_table, recovered_sheets
from zoo_dag.settings.retirement import Rule
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.wording.markdown import without_markup

_SHOWN = ("subject_id", "task", "answer", "votes", "n_answered", "fraction_low", "fraction_high")
_WIDTH = 25
_RULE = Rule(kind="matching", votes=3)


def show_comparison(folder: DataFolder, truth: DemoTruth, console: Console) -> None:
    """Print the first rows of the demo's consensus, and for each task how often the volunteers are right."""
    consensus = read_table(folder, QUESTIONS, truth.questions)
    first = consensus.sort("subject_id", "task", "task_revision", "rank").head(3).select(_SHOWN)
    sample = [(*row[:-2], f"{row[-2]:.2f} to {row[-1]:.2f}") for row in first.rows()]
    table = _table(("subject", "task", "answer"), ("votes", "of", "95 % interval"), sample)
    table.title = f"First rows of {QUESTIONS}"
    console.print(table)
    questions = [(*_share(row), row.tied) for row in recovered_questions(folder, truth.questions)]
    table = _table(("task", "question"), ("subjects", "right", "", "tied"), questions)
    table.title = "Questions: consensus against the truth"
    console.print(table)
    if weighed := list(map(_weighed, weighed_questions(folder, truth.questions))):
        table = _table(("task",), ("of", "by votes", "by skill", "votes", "posterior", "calibrated"), weighed)
        table.title = f"Votes weighed by skill against the truth ({POSTERIORS})"
        table.caption, table.caption_justify = (
            "of: decisions on subjects that are not gold; right by most votes,\n"
            "and by skill. How sure they are on average: share of the votes,\n"
            "posterior before and after calibration with gold",
            "left",
        )
        console.print(table)
    console.print(_replayed(folder, truth.questions))
    if sheets := [(*_share(row), row.false, _error(row)) for row in recovered_sheets(folder, truth.sheets)]:
        table = _table(("task", "what"), ("of", "right", "", "false", "off by"), sheets)
        table.title = "Field sheets: consensus against the truth"
        table.caption, table.caption_justify = "false: reported by several volunteers, but not there", "left"
        console.print(table)
    if both := beside_plainer(folder, truth):
        table = _table(("what", "of", "right", "false", "plainer method", "right", "false"), (), both)
        table.title = "Consensus against the truth, and beside a plainer method"
        for column in (*table.columns[1:4], *table.columns[5:]):
            column.justify = "right"
        table.caption = "docs/consensus.md and docs/marks.md compare the methods on many more subjects"
        table.caption_justify = "left"
        console.print(table)


def _replayed(folder: DataFolder, truth: WorkflowTruth) -> str:
    """What one rule would have saved and lost."""
    saved = recovered_with_fewer(folder, truth, _RULE)
    return (
        f"Retired when {_RULE.votes} votes say the same: {saved.saved:.0%} of the votes saved, "
        f"{saved.right} of {saved.n} answers right, {saved.right_of_all} with all votes."
    )


def _weighed(row: Weighed) -> tuple[object, ...]:
    right = (f"{number / row.n:.0%}" for number in (row.by_votes, row.by_skill))
    sure = (f"{number:.0%}" for number in (row.fraction, row.posterior, row.calibrated))
    return row.task, row.n, *right, *sure


def _share(row: Recovered) -> tuple[object, ...]:
    return row.task, row.what, row.n, row.right, f"{row.right / row.n:.0%}" if row.n else ""


def _error(row: Recovered) -> str:
    return "" if row.error is None else row.unit.format(row.error)


def _table(texts: tuple[str, ...], numbers: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> RichTable:
    table = RichTable(title_justify="left", box=box.SIMPLE_HEAD)
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(_cut, row))
    return table


def _cut(cell: object) -> str:
    text = "" if cell is None else without_markup(str(cell))
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
