"""The columns of dropdowns in `subject_summary`: those of questions, for each select by its position.

A task of several selects has the agreement on all of them together as well: three people may agree on the day, the
month and the year of a date by two of three each, and no two of them on the date.
"""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from zoo_dag.consensus.task_columns import (
    FRACTION_BLANK,
    REACHED,
    SUBJECT,
    TaskColumn,
    TaskColumns,
    likeliest_answers,
    part_labels,
    posterior_columns,
    winners,
)
from zoo_dag.settings.results import Agreement

_OPTION = pl.coalesce("option_label", "free_text", "option_value")


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    by_subject = rows.select(SUBJECT).unique(maintain_order=True)
    known = rows.drop_nulls("select_index")
    # A task left blank without its selects is blank in each of them.
    blank = rows.filter(pl.col("select_index").is_null()).drop("select_index")
    known = pl.concat(
        [known, blank.join(known.select("select_index").unique(), how="cross").select(known.columns)]
    )
    known = known.sort("select_index", maintain_order=True)
    by_subject = _by_select(by_subject, known, lambda part: winners(part, _OPTION, agreement))
    if known["select_index"].n_unique() > 1:
        whole = rows.group_by(SUBJECT).agg(agreement=pl.col("whole_agreement").first())
        by_subject = by_subject.join(whole, on=SUBJECT, how="left")
    return by_subject


def _by_select(
    by_subject: pl.DataFrame, rows: pl.DataFrame, columns_of: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """The columns of the rows of each select, with its position before their names."""
    for (select,), part in rows.group_by("select_index", maintain_order=True):
        columns = columns_of(part)
        named = columns.rename({name: f"{select}_{name}" for name in columns.columns if name != SUBJECT})
        by_subject = by_subject.join(named, on=SUBJECT, how="left")
    return by_subject


def _likeliest(rows: pl.DataFrame, _agreement: Agreement) -> pl.DataFrame:
    in_order = rows.sort("select_index", maintain_order=True)
    by_subject = rows.select(SUBJECT).unique(maintain_order=True)
    return _by_select(by_subject, in_order, lambda part: likeliest_answers(part, "likeliest", _OPTION))


TASK_COLUMNS = TaskColumns(
    {
        "{n}_answer": TaskColumn(
            pl.String(),
            "Option with most votes of the select at position {n}",
            ("option_label", "option_value", "free_text", "votes", "rank"),
        ),
        "{n}_fraction": TaskColumn(
            pl.Float64(), "Largest fraction of the select at position {n}", ("fraction",), is_share=True
        ),
        "{n}_agreement": TaskColumn(
            pl.Float64(),
            "Agreement: the largest fraction of the subject and the select at position {n}",
            ("agreement",),
            is_share=True,
        ),
        "{n}_n_answered": TaskColumn(
            pl.Int64(), "Classifications that answered the select at position {n}", ("n_answered",)
        ),
        "{n}_fraction_blank": replace(
            FRACTION_BLANK,
            description="Share of the classifications that left the select at position {n} blank",
        ),
        "{n}_reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_answered", "asked")),
        "agreement": TaskColumn(
            pl.Float64(),
            "Agreement on all selects together: the share of the commonest whole answer",
            ("whole_agreement", "select_index"),
            is_share=True,
        ),
    },
    _of_task,
    part_labels("select_index", "select_label"),
)

POSTERIOR_COLUMNS = TaskColumns(
    posterior_columns(
        "likeliest", "Likeliest option", ("option_label", "option_value", "free_text", "select_index"), "{n}_"
    ),
    _likeliest,
    of_posteriors=True,
)
