"""CSV tables from outside that the settings name."""

from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError


def read_table(file: Path, setting: str) -> pl.DataFrame:
    """A CSV as text, null where empty, with `row` from 1. Raises SettingsError where it cannot be read."""
    try:
        table = pl.read_csv(file, infer_schema=False, encoding="utf8-lossy", null_values=[""])
    except FileNotFoundError:
        raise SettingsError(f"{setting}: there is no file {file}.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SettingsError(f"{setting}: {file} cannot be read as CSV: {str(error).splitlines()[0]}") from None
    named = table.rename({name: name.strip().removeprefix("\ufeff") for name in table.columns})
    plain = named.select(pl.all().str.strip_chars().replace("", None))
    return plain.drop("row", strict=False).with_row_index("row", 1)
