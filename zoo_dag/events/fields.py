"""Fields of the metadata of subjects, as text."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from zoo_dag.annotations.values import as_text
from zoo_dag.errors import SettingsError
from zoo_dag.exports.cells import json_object

# What file names are called most often, in lower case and without what hides a field.
_FILE_NAMES = ("filename", "file_name", "file", "image_name", "image")
_HIDING = "#!/ "
_SHOWN = 12
_BATCH = 50_000


def read_fields(metadata: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """Columns with these names from cells of metadata, JSON text: String, null where empty or missing."""
    schema = dict.fromkeys(names, pl.String())
    parts = [pl.DataFrame(schema=schema)]
    # Parsed cells take more room than their text.
    for start in range(0, len(metadata), _BATCH):
        cells = [_object(cell) for cell in metadata.slice(start, _BATCH)]
        parts.append(pl.DataFrame({name: _texts([cell.get(name) for cell in cells]) for name in names}, schema))
    return pl.concat(parts).with_columns(pl.col(names).str.strip_chars().replace("", None))


def field_names(metadata: pl.Series) -> list[str]:
    """All fields that cells of metadata have, in the order in which they are met."""
    found: dict[str, None] = {}
    for cell in metadata:
        found.update(dict.fromkeys(_object(cell)))
    return list(found)


def file_name_field(names: Iterable[str]) -> str | None:
    """The field that is most likely the name of the file; None where no field is called so."""
    plain = {name.strip(_HIDING).casefold(): name for name in names}
    return next((plain[name] for name in _FILE_NAMES if name in plain), None)


def unknown_field(setting: str, name: str, names: Iterable[str]) -> SettingsError:
    """The error for a setting that names a field which no subject has; `names` are those that there are."""
    known = list(names)
    near = difflib.get_close_matches(name.strip(_HIDING).casefold(), _plain(known), n=1, cutoff=0)
    meant = f'; did you mean "{_plain(known)[near[0]]}"?' if near else "."
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    fields = f" Fields: {', '.join(known[:_SHOWN])}{more}." if known else ""
    return SettingsError(f'events.{setting}: no subject has the metadata field "{name}"{meant}{fields}')


def _plain(names: Iterable[str]) -> dict[str, str]:
    return {name.strip(_HIDING).casefold(): name for name in names}


def _object(cell: str | None) -> Mapping[str, Any]:
    try:
        return json_object(cell)
    # Such a cell is in the quarantine, and says nothing here.
    except ValueError:
        return {}


def _texts(values: Sequence[Any]) -> pl.Series:
    """Values as texts, numbers as they are written."""
    try:
        return pl.Series(values, dtype=pl.String, strict=True)
    except TypeError:
        return pl.Series([None if value is None else as_text(value) for value in values], dtype=pl.String)
