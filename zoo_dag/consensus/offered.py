"""What a workflow offers to choose from: options of its tasks, with their place and label."""

import polars as pl

from zoo_dag.consensus.units import Scope, version_order


def offered(tasks: pl.LazyFrame, scope: Scope, kind: str) -> pl.LazyFrame:
    """The options of one kind in `tasks`; where versions are pooled, each as its newest version has it.

    Has the columns of `scope.task`, `option_path`, `option_id`, `option_label` and `option_index`.
    """
    columns = ["option_path", "option_id", "option_label", "option_index"]
    rows = tasks.filter(option_kind=kind).sort(version_order(), maintain_order=True)
    newest = rows.unique([*scope.task, "option_path"], keep="last", maintain_order=True)
    return newest.select(*scope.task, *columns)
