"""Ids that must not occur twice: two rows with the same id would be counted twice in later stages."""

from collections.abc import Callable, Sequence

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.wording.sentences import counted, share, verb

NAME = "ids_are_unique"


def unique_ids(table: str, key: Sequence[str], advice: str) -> Callable[[CheckInput], Finding]:
    """A check that no two rows of a table have the same `key`, the id of a row. Nulls are equal to each other."""

    def evaluate(inputs: CheckInput) -> Finding:
        ids = inputs.tables[table].select(key)
        one = pl.col(key[0]) if len(key) == 1 else pl.struct(key)
        rows, different = ids.select(pl.len(), one.n_unique().alias("different")).collect().row(0)
        numbers = {"rows": rows, "rows with an id that occurs before": rows - different}
        if rows == different:
            return Finding(f"The ids of {counted(rows, 'rows')} are all different.", numbers)
        twice = ids.group_by(key).agg(rows=pl.len()).filter(pl.col("rows") > 1).sort(key)
        repeated = rows - different
        message = (
            f"{share(repeated, rows, 'rows')} {verb(repeated, 'repeats', 'repeat')} the id of another row "
            f"({', '.join(key)})."
        )
        examples = twice.head(5).collect()
        return Finding(message, numbers, passed=False, is_error=True, advice=advice, examples=examples)

    return evaluate
