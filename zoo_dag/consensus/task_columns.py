"""The columns of tasks in `subject_summary`, such as `T0_answer`: how a task type declares and computes them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from zoo_dag.settings.results import Agreement

SUBJECT = "subject_ids"
REACHED = "Whether enough volunteers were asked, answered and agree enough, by the settings [agreement]"


@dataclass(frozen=True)
class TaskColumn:
    """A column of a task: its dtype and meaning, and the columns of the pooled table that it is computed from.

    `is_share` says that its numbers are between 0 and 1.
    """

    dtype: pl.DataType
    description: str
    sources: tuple[str, ...]
    is_share: bool = False


FRACTION_BLANK = TaskColumn(
    pl.Float64(),
    "Share of the classifications that left it blank",
    ("n_blank", "n_classifications"),
    is_share=True,
)
ASKED = TaskColumn(
    pl.Float64(),
    "Share of the classifications of the subject that were asked",
    ("n_classifications", "n_seen", "asked"),
    is_share=True,
)


@dataclass(frozen=True)
class TaskColumns:
    """The columns that each task of a type has in `subject_summary`.

    `own` are the columns of the type, declared by what follows `<task>_` in their names. In it, as in
    descriptions, `{n}` stands for a position, such as that of a tool, and `{id}` for an id, such as that of a
    question. The first one is there for every task of the type. A table without own columns is not in the summary.

    `of_task` takes the rows of one task in the table, and the settings. It returns a row for each subject:
    `subject_ids` and the columns, without the name of the task. A task that not all who saw a subject were asked
    has the column `asked` besides, but not from a table of posteriors (`of_posteriors`).

    `part_labels` takes the pooled table, and returns the keys of its tasks, `part`, which is what stands for `{n}`
    or `{id}`, and `part_label`, its label as people saw it.
    """

    own: Mapping[str, TaskColumn]
    of_task: Callable[[pl.DataFrame, Agreement], pl.DataFrame]
    part_labels: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    of_posteriors: bool = False

    @property
    def columns(self) -> Mapping[str, TaskColumn]:
        """All columns, declared as `own`; none where there are no own ones."""
        return self.own if self.of_posteriors or not self.own else {**self.own, "asked": ASKED}

    @property
    def sources(self) -> frozenset[str]:
        """The columns of the table that any of them is computed from."""
        return frozenset(source for column in self.columns.values() for source in column.sources)

    def named(self, rows: pl.DataFrame, task: str, agreement: Agreement) -> pl.DataFrame:
        """The columns of a task under their names in the summary, with the declared dtypes.

        Raises KeyError for a column that is not declared.
        """
        columns = self.of_task(rows, agreement)
        if not self.of_posteriors and (rows["asked"] < 1).any():
            asked = rows.select(SUBJECT, "asked").unique(SUBJECT)
            columns = columns.join(asked, on=SUBJECT, how="left", maintain_order="left")
        endings = [name for name in columns.columns if name != SUBJECT]
        return columns.select(
            SUBJECT, *(pl.col(end).cast(self._declared(end).dtype).alias(f"{task}_{end}") for end in endings)
        )

    def _declared(self, ending: str) -> TaskColumn:
        found = match_ending(self.columns, ending)
        if found is None:
            raise KeyError(f"{ending} is not declared, but {', '.join(self.columns)}")
        return found[0]


def match_ending(columns: Mapping[str, TaskColumn], ending: str) -> tuple[TaskColumn, str | None] | None:
    """The declared column that a name ends with, and what stands for `{n}` or `{id}` in it; None where none fits.

    A column of just this name comes before those with a place for a position or an id.
    """
    if ending in columns:
        return columns[ending], None
    for declared, column in columns.items():
        match = re.fullmatch(_ending(declared), ending, re.DOTALL)
        if match:
            return column, next(iter(match.groupdict().values()), None)
    return None


@cache
def pattern(ending: str) -> re.Pattern[str]:
    """The names of columns that end as declared, with the groups `task` and, where there are any, `n` and `id`."""
    return re.compile(f"(?P<task>.+)_{_ending(ending)}", re.DOTALL)


def _ending(declared: str) -> str:
    return declared.replace("{n}", "(?P<n>[0-9]+)").replace("{id}", "(?P<id>.+)")


def part_labels(part: str, label: str) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """The `part_labels` of a type whose pooled table has the positions and labels of parts in two columns."""
    keys = ("parent_task", "task", "task_revision")
    return lambda pooled: pooled.select(*keys, part=pl.col(part), part_label=pl.col(label))


def is_reached(n: pl.Expr, measure: pl.Expr, agreement: Agreement) -> pl.Expr:
    """An aggregation: whether `n`, a number of answers, and the measure of their agreement are high enough.

    Takes `asked` as well: what few of those who saw the subject were asked is not reached.
    """
    enough = (n >= agreement.min_classifications) & (measure >= agreement.min_agreement)
    return (enough & (pl.col("asked").first() >= agreement.min_asked)).fill_null(False)


def fraction_blank() -> pl.Expr:
    """An aggregation: the share of the classifications of a subject that left the task blank."""
    return pl.col("n_blank").first() / pl.col("n_classifications").first()


def joined(texts: pl.Expr, separator: str = "; ") -> pl.Expr:
    """An aggregation: the texts of a subject as one; null where there are none."""
    known = texts.drop_nulls()
    return pl.when(known.len() > 0).then(known.str.join(separator))


def winners(
    rows: pl.DataFrame, answer: pl.Expr, agreement: Agreement, several: pl.Expr | None = None
) -> pl.DataFrame:
    """The winning answer (tied ones together), its fraction, agreement, and whether that is enough, by subject.

    Takes the columns of `ranking.compared`. `several` says in which rows several answers are allowed: there, all
    that more than half of the volunteers gave. Returns `subject_ids, answer, fraction, agreement, n_answered,
    fraction_blank, reached`.
    """
    best = (pl.col("votes") == pl.col("votes").max().over(SUBJECT)) & (pl.col("votes") > 0)
    chosen = best if several is None else pl.when(several).then(pl.col("fraction") > 0.5).otherwise(best)
    # Filtered before they are grouped: most answers are not chosen.
    texts = rows.filter(chosen).select(SUBJECT, answer=answer).drop_nulls("answer")
    answers = texts.group_by(SUBJECT).agg(pl.col("answer").str.join("; "))
    n_answered, measure = pl.col("n_answered").first(), pl.col("agreement").first()
    numbers = rows.group_by(SUBJECT, maintain_order=True).agg(
        fraction=pl.col("fraction").max(),
        agreement=measure,
        n_answered=n_answered,
        fraction_blank=fraction_blank(),
        reached=is_reached(n_answered, measure, agreement),
    )
    found = numbers.join(answers, on=SUBJECT, how="left", maintain_order="left")
    return found.select(SUBJECT, "answer", pl.exclude(SUBJECT, "answer"))


def posterior_columns(
    likeliest: str, what: str, named_by: tuple[str, ...], part: str = ""
) -> dict[str, TaskColumn]:
    """The columns that `likeliest_answers` computes, with the prefix and the meaning of a `part` of the task."""
    of_part = " of the select at position {n}" if part else ""
    return {
        f"{part}{likeliest}": TaskColumn(pl.String(), f"{what}{of_part}", (*named_by, "wins")),
        f"{part}posterior": TaskColumn(
            pl.Float64(),
            f"Its probability{of_part}; of several the largest",
            ("posterior",),
            is_share=True,
        ),
        f"{part}posterior_calibrated": TaskColumn(
            pl.Float64(),
            f"The same{of_part}, as certain as gold shows it to be; empty without enough gold",
            ("posterior_calibrated",),
            is_share=True,
        ),
    }


def likeliest_answers(rows: pl.DataFrame, likeliest: str, answer: pl.Expr) -> pl.DataFrame:
    """What wins by its posterior, and the largest posterior, by subject; takes rows of a table of posteriors."""
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        joined(answer.filter(pl.col("wins"))).alias(likeliest),
        posterior=pl.col("posterior").max(),
        posterior_calibrated=pl.col("posterior_calibrated").max(),
    )
