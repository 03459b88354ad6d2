"""Every table of zoo_dag, by name and in the order of the stages.

A column is declared once, in the module of its stage: dtype, meaning, and the columns that its values come from.
This declaration drives the check when a table is stored, empty tables, the reference in the docs, and Dagster's
pages.
"""

from zoo_dag.tables import consensus, events, flattened, ledger, parsed, pooled, posteriors, raw, votes
from zoo_dag.tables.table import Partition, Table

__all__ = ["FLATTENED", "STAGES", "TABLES", "Partition", "Table"]

STAGES = ("raw", "parsed", "flattened", "consensus", "pooled", "ledger")
TABLES: dict[str, Table] = {
    table.name: table
    for stage in (raw, parsed, flattened, consensus, pooled, posteriors, votes, events, ledger)
    for table in stage.TABLES
}
FLATTENED = tuple(table.name for table in flattened.ANNOTATIONS)
