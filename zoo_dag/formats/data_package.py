"""A Frictionless data package, version 1: a CSV for each table, and `datapackage.json`, which describes them.

It has the type and the meaning of every column from the declarations, size and SHA-256 of every file, the exports
that the tables come from, and licence, citation and people from the settings. Nothing in it depends on when it was
written. Times are those of ISO 8601. Tables are in their flat form (`zoo_dag.store.flat_tables`); as JSON, lists
and objects have the types `array` and `object` of table schemas.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from zoo_dag.formats.column_keys import about_key, keys_of
from zoo_dag.formats.dictionary import meanings
from zoo_dag.formats.source import Source
from zoo_dag.settings.publication import Publication
from zoo_dag.store.exporting import with_partition, write_csv
from zoo_dag.store.flat_tables import FlatTable, flat_table
from zoo_dag.store.formulas import neutral_names
from zoo_dag.tables import TABLES
from zoo_dag.tables.row_count import row_count
from zoo_dag.task_types.summary_key import KEY_MEANINGS
from zoo_dag.wording.sentences import counted, listed

DESCRIPTOR = "datapackage.json"
ISO_8601 = "%Y-%m-%dT%H:%M:%S%.fZ"


def write(source: Source, target: Path) -> list[str]:
    """Write the tables of the source that have rows, and what describes them, to a folder."""
    said: list[str] = []
    resources: list[dict[str, Any]] = []
    naming: list[str] = []
    left_out: list[str] = []
    tables: dict[str, FlatTable] = {}
    total = 0
    for name in source.names:
        stored = source.scan(name)
        n_rows = row_count(stored)
        if not n_rows and not source.named:
            continue
        table = FlatTable(stored, {}) if source.as_json else flat_table(name, stored)
        tables[name] = table
        left_out += [f"{name}.{column}" for column in table.left_out]
        frame = with_partition(table.frame)
        file = target / f"{name}.csv"
        n_neutral = write_csv(frame, file, verbatim=source.verbatim, times=ISO_8601)
        known = meanings(TABLES[name], frame.collect_schema().names(), table.fields)
        schema = _schema(frame.collect_schema(), known, verbatim=source.verbatim)
        resources.append({**_table(name, TABLES[name].description, file), "schema": schema})
        total += n_rows
        said += apostrophes(name, n_neutral)
        if TABLES[name].identifying(stored.collect_schema().names()):
            naming.append(name)
    for name, key in keys_of(source.folder.tables, source.selection.workflow, tables).items():
        file = target / f"{name}.csv"
        write_csv(key.lazy(), file, verbatim=source.verbatim)
        schema = _schema(key.schema, KEY_MEANINGS, verbatim=source.verbatim)
        resources.append({**_table(name, about_key(name), file), "schema": schema})
    descriptor = {
        **described(source.settings.publication),
        "sources": list(_sources(source)),
        "resources": resources,
    }
    (target / DESCRIPTOR).write_bytes(orjson.dumps(descriptor, option=orjson.OPT_INDENT_2) + b"\n")
    written = f"{counted(len(resources), 'tables')} with {counted(total, 'rows')} in {target}"
    if left_out:
        said.append(f"Left out, since they are JSON text: {listed(left_out)}. --with-json writes them.")
    return [written, *said, *_advice(source, naming)]


def described(publication: Publication) -> dict[str, Any]:
    """What the settings say of the data, by the properties of a data package."""
    said = publication.model_dump(mode="json", exclude_none=True)
    citation = said.pop("citation", None)
    own = {"bibliographicCitation": citation} if citation else {}
    return {"profile": "data-package", **{name: value for name, value in said.items() if value}, **own}


def file_facts(file: Path) -> dict[str, Any]:
    """The size and the SHA-256 of a file, by the properties of a resource."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "hash": f"sha256:{digest}"}


def apostrophes(name: str, n_neutral: dict[str, int]) -> Iterator[str]:
    """A sentence for each column of a CSV in which texts got an apostrophe in front."""
    for column, n_cells in n_neutral.items():
        yield (
            f"Apostrophe in front: {counted(n_cells, 'cells')} of {name}.{column}, which a spreadsheet would run "
            "as formulas. --verbatim writes them as they are."
        )


def _table(name: str, description: str, file: Path) -> dict[str, Any]:
    """A CSV as a resource, without its schema."""
    return {
        "name": name,
        "path": file.name,
        "profile": "tabular-data-resource",
        "title": description.partition("\n")[0],
        "description": description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **file_facts(file),
    }


def _schema(columns: pl.Schema, known: Mapping[str, str], *, verbatim: bool) -> dict[str, Any]:
    """The schema of a CSV with these columns, and what is known of their meaning."""
    names = list(columns) if verbatim else neutral_names(list(columns))
    fields = []
    for written, (column, dtype) in zip(names, columns.items(), strict=True):
        description = {"description": known[column]} if column in known else {}
        fields.append({"name": written, "type": _type(dtype), **description})
    return {"fields": fields, "missingValues": [""]}


def _type(dtype: pl.DataType) -> str:
    """The type of a table schema that a column of a CSV has."""
    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, pl.List):
        return "array"
    return {pl.Boolean: "boolean", pl.Datetime: "datetime", pl.Date: "date", pl.Struct: "object"}.get(
        type(dtype), "string"
    )


def _sources(source: Source) -> Iterator[dict[str, str]]:
    """The exports that the tables come from."""
    if not source.has(TABLES["imports"]):
        return
    imports = source.folder.tables.scan(TABLES["imports"]).select("source_file", "kind", "sha256")
    for row in imports.unique().sort("kind", "source_file", "sha256").collect().to_dicts():
        yield {"title": f"Zooniverse {row['kind']} export {row['source_file']}", "hash": f"sha256:{row['sha256']}"}


def _advice(source: Source, naming: Sequence[str]) -> Iterator[str]:
    publication = source.settings.publication
    wanted = {
        "title": publication.title,
        "licenses": publication.licenses,
        "contributors": publication.contributors,
    }
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        yield (
            f"Note: a repository asks for more: {listed(missing)} of [publication] in zoo_dag.toml "
            "(docs/formats.md has an example)."
        )
    if naming and not source.pseudonyms:
        yield f"Note: {listed(naming)} may identify volunteers. --pseudonymise replaces what does."
