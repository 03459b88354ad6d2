"""Votes on dropdowns: one option of each select."""

import polars as pl

from zoo_dag.consensus.units import POOLED, Scope, offered
from zoo_dag.task_types.codebook import Naming
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.task_types.dropdowns.summary import POSTERIOR_COLUMNS
from zoo_dag.volunteers.ballots import SEPARATOR, one_of_several

_SELECT = pl.col("select_index")
# Value, label and typed text, of which one at least is there.
_OPTION = pl.concat_str(
    *(pl.col(name).fill_null("") for name in ("option_value", "option_label", "free_text")), separator=SEPARATOR
)


def ballots(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Who chose which option of which select, from `dropdown_annotations`."""
    rows = annotations["dropdown_annotations"]
    return one_of_several(rows.filter(pl.col("status") == "answered"), scope.unit, _SELECT, _OPTION)


def _offered(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The options of all selects; a task of one select alone has them without its place."""
    options = offered(tasks, POOLED, "select option")
    select = pl.col("option_path").str.extract(r"^selects\.([0-9]+)\.").fill_null("0").cast(pl.Int32)
    return options.with_columns(
        select_index=select, option_value="option_id", free_text=pl.lit(None, pl.String)
    ).filter(pl.any_horizontal(pl.col("option_value", "option_label").is_not_null()))


POSTERIORS = Posteriors(
    table="dropdown_posteriors",
    ballots=ballots,
    option=_SELECT,
    label=_OPTION,
    option_label=pl.col("select_label"),
    task_columns=POSTERIOR_COLUMNS,
    naming=Naming(
        columns=("select_index", "option_value", "option_label", "free_text"),
        names=(pl.col("option_label"), pl.col("option_value"), pl.col("free_text")),
        offered=_offered,
        part="select_index",
        typed="free_text",
    ),
)
