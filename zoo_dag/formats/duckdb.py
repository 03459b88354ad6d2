"""One DuckDB file with all tables: a table by each name, over all versions, with comments from the declarations.

A view `latest_<table>` has the rows of the newest version of each workflow. A DuckDB file has a random identifier
inside: equal tables give equal rows, not equal bytes.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from zoo_dag.errors import ZooDagError
from zoo_dag.formats.dictionary import meanings
from zoo_dag.formats.source import Source
from zoo_dag.store.exporting import part_beside, with_partition
from zoo_dag.tables import TABLES, Table
from zoo_dag.wording.sentences import counted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def write(source: Source, target: Path) -> list[str]:
    """Write the tables of the source to a DuckDB file.

    Raises ZooDagError where DuckDB is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise ZooDagError(
            'The format duckdb needs DuckDB. Install it with: pip install "zoo_dag[duckdb]"'
        ) from None
    newest = [str(version) for version in {each.workflow_id: each for each in source.versions()}.values()]
    names = source.names
    with part_beside(target) as folder:
        folder.mkdir()
        # One thread keeps the order of rows.
        with duckdb.connect(folder / "tables", config={"threads": 1}) as database:
            for name in names:
                rows = folder / "rows.parquet"
                with_partition(source.scan(name)).sink_parquet(rows)
                database.read_parquet(str(rows)).create(name)
                for statement in _statements(database, TABLES[name], newest):
                    database.execute(statement)
        os.replace(folder / "tables", target)
    return [f"{counted(len(names), 'tables')} in {target}"]


def _statements(database: "DuckDBPyConnection", table: Table, newest: list[str]) -> Iterator[str]:
    """The comments of a table, and the view of its newest versions."""
    name = _quoted(table.name)
    yield f"COMMENT ON TABLE {name} IS {_text(table.description)}"
    columns = [row[0] for row in database.execute(f"DESCRIBE {name}").fetchall()]
    for column, description in meanings(table, columns).items():
        yield f"COMMENT ON COLUMN {name}.{_quoted(column)} IS {_text(description)}"
    if table.partition == "workflow_version" and "partition" in columns:
        view = _quoted(f"latest_{table.name}")
        keys = ", ".join(map(_text, newest))
        of_newest = f"partition IN ({keys})" if keys else "false"
        yield f"CREATE VIEW {view} AS SELECT * FROM {name} WHERE {of_newest}"  # noqa: S608  (names are quoted)
        yield f"COMMENT ON VIEW {view} IS {_text(f'{table.name} of the newest version of each workflow')}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
