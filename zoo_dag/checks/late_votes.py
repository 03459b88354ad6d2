"""Do votes that came after the retirement of a subject change its winner?

The project asked for a number of votes, and these are more: subjects that come back have more votes than others,
from people who were served nothing else.
"""

from collections.abc import Callable, Iterator

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.task_columns import SUBJECT, TaskColumns, pattern
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.wording.sentences import quoted

NAME = "late_votes_change_no_winner"
_UNIT = ["parent_task", "task", "task_revision", SUBJECT]
_LATE = pl.col("n_after_retirement") > 0
_NAMED = 3


def late_votes_change_no_winner(consensus: Consensus) -> Callable[[CheckInput], Finding]:
    """A check that the winners of a pooled table are the same without the votes after retirement.

    The winners are those that `subject_summary` has in the first column of the task. They are others where none of
    those without the late votes is among them: a tie that arises or ends is no other winner. Takes the pooled
    table, the flattened rows that it counts, and `tasks`. Units that have late votes only are not compared.
    """

    def evaluate(inputs: CheckInput) -> Finding:
        stored = inputs.tables[consensus.pooled_table]
        columns, agreement = consensus.task_columns, inputs.settings.agreement
        wanted = [name for name in stored.collect_schema() if name in {*_UNIT, "n_seen", *columns.sources}]
        late = stored.filter(_LATE).select(wanted).collect()
        units = late.select(_UNIT).unique().height
        if not units:
            return Finding("No vote that counts came after the retirement of its subject.", _numbers(0, 0))
        now = _winners(late, columns, agreement)
        parts = _without_late(consensus, inputs, late)
        before = pl.concat(_winners(part, columns, agreement) for part in parts)
        both = now.join(before, on=[*_UNIT, "part"], nulls_equal=True, suffix="_before")
        return _finding(both.filter(_is_another()).sort(*_UNIT, "part"), units)

    return evaluate


def _without_late(consensus: Consensus, inputs: CheckInput, late: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The pooled table of subjects with late votes, as it is without these, some subjects after the others."""
    subjects = late.lazy().select(SUBJECT).unique()
    in_time = ~pl.col("after_retirement").fill_null(False)
    rows = {
        name: inputs.tables[name].filter(in_time).join(subjects, on=SUBJECT, how="semi", maintain_order="left")
        for name in consensus.inputs
    }
    ranges = subject_ranges(rows[name] for name in consensus.sources)
    rows[SEEN] = late.lazy().select("task_revision", SUBJECT, "n_seen").unique()
    aggregation = Aggregation.prepare(consensus, rows, inputs.tables["tasks"], POOLED, inputs.settings)
    for part, _ in aggregation.parts(ranges):
        yield part.select(late.columns).collect()


def _winners(rows: pl.DataFrame, columns: TaskColumns, agreement: Agreement) -> pl.DataFrame:
    """The winner of each unit: `winner: String`, and `part`, the name of its column, such as `0_answer`."""
    empty = pl.DataFrame(schema=dict.fromkeys((*_UNIT, "part", "winner"), pl.String()))
    return pl.concat([empty, *_winners_of_tasks(rows, columns, agreement)])


def _winners_of_tasks(rows: pl.DataFrame, columns: TaskColumns, agreement: Agreement) -> Iterator[pl.DataFrame]:
    first = pattern(next(iter(columns.columns)))
    for (parent, task, revision), part in rows.group_by(_UNIT[:-1], maintain_order=True):
        named = columns.named(part, "T", agreement)
        winners = [name for name in named.columns if (match := first.fullmatch(name)) and match["task"] == "T"]
        found = named.unpivot(winners, index=SUBJECT, variable_name="part", value_name="winner")
        keys = {"parent_task": parent, "task": task, "task_revision": revision}
        of_task = (pl.lit(value, pl.String).alias(name) for name, value in keys.items())
        yield found.select(*of_task, SUBJECT, pl.col("part").str.strip_prefix("T_"), "winner")


def _is_another() -> pl.Expr:
    """Whether there were winners, of which none is left."""
    now, before = (pl.col(name).str.split("; ") for name in ("winner", "winner_before"))
    return before.is_not_null() & (now.list.set_intersection(before).list.len().fill_null(0) == 0)


def _finding(changed: pl.DataFrame, units: int) -> Finding:
    n_changed = changed.select(_UNIT).unique().height
    numbers = _numbers(units, n_changed)
    sentence = f"Pairs of a subject and a task with votes after retirement: {units:,}."
    if not n_changed:
        return Finding(f"{sentence} No winner is another one because of these.", numbers)
    each = [
        f"subject {row[SUBJECT]}, task {quoted(row['task'])}: {_named(row['winner_before'])} without them, "
        f"{_named(row['winner'])} with them"
        for row in changed.head(_NAMED).to_dicts()
    ]
    return Finding(
        f"{sentence} In {n_changed:,} these change the winner: {'; '.join(each)}.",
        numbers,
        passed=False,
        advice="Such subjects have more votes than the project asked for. To leave these votes out, set "
        "exclusion.after_retirement = true.",
        examples=changed.head(5),
    )


def _named(winner: str | None) -> str:
    return "none" if winner is None else quoted(winner)


def _numbers(units: int, changed: int) -> dict[str, int | float]:
    return {"subjects and tasks with late votes": units, "with another winner": changed}
