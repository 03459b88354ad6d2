"""CSV tables from outside that the settings name."""

from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError


def given_table(file: Path, setting: str, row: str | None = None) -> pl.DataFrame:
    """A CSV as text without spaces around, null where empty; rows in which all cells are empty are left out.

    With `row` a column of this name has the number of each row in the file, from 1. Raises SettingsError where the
    file cannot be read, also where two columns have one name.
    """
    try:
        table = pl.read_csv(file, infer_schema=False, encoding="utf8-lossy", null_values=[""], glob=False)
        table = table.rename({name: name.strip().removeprefix("\ufeff") for name in table.columns})
    except FileNotFoundError:
        raise SettingsError(f"{setting}: there is no file {file}.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"{setting}: {file} cannot be read as CSV: {reason}") from None
    cells = table.select(pl.all().str.strip_chars().replace("", None))
    is_empty = pl.all_horizontal(pl.col(cells.columns).is_null())
    numbered = cells.drop(row, strict=False).with_row_index(row, 1) if row else cells
    return numbered.filter(~cells.select(is_empty).to_series())
