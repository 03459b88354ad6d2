"""Votes on dropdowns: one option of each select."""

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.task_types.declaration import Annotations, Posteriors
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


POSTERIORS = Posteriors(
    table="dropdown_posteriors",
    ballots=ballots,
    option=_SELECT,
    label=_OPTION,
    option_label=pl.col("select_label"),
)
