"""zoo_dag: Zooniverse data exports to trustworthy science tables."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__version__ = "0.1.0"
__all__ = ["__version__", "scan"]


def scan(
    table: str,
    data: str | os.PathLike[str] | None = None,
    workflow: int | None = None,
    version: str | None = None,
) -> "pl.LazyFrame":
    """A table of zoo_dag as a Polars LazyFrame, of all workflow versions or of some.

    `data` is the data folder, or s3://bucket/prefix (default: `$ZOO_DAG_DATA`, else `./zoo_data`), `workflow` a
    workflow id and `version` a workflow version such as "13.19". The frame reads the table as it is now, also
    where a run replaces it before the frame is collected. Columns and their meaning: docs/tables.md. Raises
    zoo_dag.errors.TableError for an unknown table, or one that is not built yet.
    """
    from zoo_dag.store.scanning import scan_table  # noqa: PLC0415  (importing the package stays instant)

    return scan_table(table, data, workflow, version)
