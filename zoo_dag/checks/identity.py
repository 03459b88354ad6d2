"""Ids that must not occur twice: whatever has the same id in two rows counts twice further on."""

from collections.abc import Callable, Sequence

import polars as pl

from zoo_dag.checks.finding import Finding, Given
from zoo_dag.wording.sentences import counted, share

NAME = "ids_are_unique"


def unique_ids(table: str, key: Sequence[str], advice: str) -> Callable[[Given], Finding]:
    """A check that no two rows of a table have the same `key`, the id of a row. A null is an id like others."""

    def look(given: Given) -> Finding:
        ids = given.tables[table].select(key)
        one = pl.col(key[0]) if len(key) == 1 else pl.struct(key)
        rows, different = ids.select(pl.len(), one.n_unique().alias("different")).collect().row(0)
        numbers = {"rows": rows, "rows with an id that occurs before": rows - different}
        if rows == different:
            return Finding(f"The ids of {counted(rows, 'rows')} are all different.", numbers)
        twice = ids.group_by(key).agg(rows=pl.len()).filter(pl.col("rows") > 1).sort(key)
        told = f"{share(rows - different, rows, 'rows')} repeat the id of another row ({', '.join(key)})."
        examples = twice.head(5).collect()
        return Finding(told, numbers, passed=False, grave=True, advice=advice, examples=examples)

    return look
