"""Fields of the metadata of subjects, as text."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from zoo_dag.annotations.values import as_text
from zoo_dag.errors import SettingsError
from zoo_dag.exports.cells import json_object

# What file names are called most often, in lower case and without what hides a field.
_FILE_NAMES = ("filename", "file_name", "file", "image_name", "image")
_HIDING = "#!/ "
_SHOWN = 12


def read_fields(metadata: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """Columns with these names from cells of metadata, JSON text: String, null where empty or missing."""
    # A comprehension in one piece: two million cells are two million calls of what stands in it.
    rows = [[_text(fields.get(name)) for name in names] for fields in _objects(metadata)]
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


def field_names(metadata: pl.Series) -> list[str]:
    """All fields that cells of metadata have, in the order in which they are met."""
    return list(dict.fromkeys(name for fields in _objects(metadata) for name in fields))


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


def _objects(metadata: pl.Series) -> Iterable[dict[str, Any]]:
    for cell in metadata:
        try:
            yield json_object(cell)
        # Such a cell is in the quarantine, and says nothing here.
        except ValueError:
            yield {}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return (value if isinstance(value, str) else as_text(value)).strip() or None
