"""One DuckDB file with all tables: a table by each name, over all versions, with comments from the declarations.

A view `latest_<table>` has the rows of the newest version of each workflow. The tables `subject_votes_columns` and
`subject_summary_columns` say which column is about which task and answer. A DuckDB file has a random identifier
inside: equal tables give equal rows, not equal bytes.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from zoo_dag.errors import ZooDagError
from zoo_dag.formats.column_keys import about_key, keys_of
from zoo_dag.formats.dictionary import meanings
from zoo_dag.formats.source import Source
from zoo_dag.store.exporting import part_beside, with_partition
from zoo_dag.store.flat_tables import FlatTable
from zoo_dag.tables import TABLES
from zoo_dag.task_types.summary_key import KEY_MEANINGS
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
    tables = {name: FlatTable(with_partition(source.scan(name)), {}) for name in names}
    keys = keys_of(source.folder.tables, source.selection.workflow, tables)
    with part_beside(target) as folder:
        folder.mkdir()
        # One thread keeps the order of rows.
        with duckdb.connect(folder / "tables", config={"threads": 1}) as database:
            for name, table in tables.items():
                columns = _create(database, name, table.frame, folder)
                _comment(database, name, TABLES[name].description, meanings(TABLES[name], columns))
                if TABLES[name].partition == "workflow_version" and "partition" in columns:
                    _view(database, name, newest)
            for name, key in keys.items():
                _create(database, name, key.lazy(), folder)
                _comment(database, name, about_key(name), KEY_MEANINGS)
        os.replace(folder / "tables", target)
    return [f"{counted(len(names) + len(keys), 'tables')} in {target}"]


def _create(database: "DuckDBPyConnection", name: str, rows: pl.LazyFrame, folder: Path) -> list[str]:
    """Write a table; returns its columns as DuckDB names them."""
    file = folder / "rows.parquet"
    rows.sink_parquet(file)
    database.read_parquet(str(file)).create(name)
    return [row[0] for row in database.execute(f"DESCRIBE {_quoted(name)}").fetchall()]


def _comment(database: "DuckDBPyConnection", name: str, about: str, of_columns: Mapping[str, str]) -> None:
    """Comment a table and its columns."""
    database.execute(f"COMMENT ON TABLE {_quoted(name)} IS {_text(about)}")
    for column, description in of_columns.items():
        database.execute(f"COMMENT ON COLUMN {_quoted(name)}.{_quoted(column)} IS {_text(description)}")


def _view(database: "DuckDBPyConnection", name: str, newest: list[str]) -> None:
    """The view of the newest versions of a table."""
    view = _quoted(f"latest_{name}")
    keys = ", ".join(map(_text, newest))
    of_newest = f"partition IN ({keys})" if keys else "false"
    database.execute(f"CREATE VIEW {view} AS SELECT * FROM {_quoted(name)} WHERE {of_newest}")  # noqa: S608  (quoted)
    database.execute(f"COMMENT ON VIEW {view} IS {_text(f'{name} of the newest version of each workflow')}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
