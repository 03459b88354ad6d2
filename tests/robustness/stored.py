"""What a data folder holds: its tables by content, their sums, and what killed processes left behind."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

# These files beside the tables are no drafts.
_KEPT = (".findings.json", ".limits")
# When a file was imported is the only cell that differs from run to run.
_TIMES = ("imported_at", "forgotten_at")


def table_files(data: Path) -> dict[str, Path]:
    """The files of all tables and partitions, by their path without the suffix.

    What a killed import did not put in place is no table yet.
    """
    tables = data / "tables"
    found = sorted([*tables.glob("[!.]*.parquet"), *tables.glob("[!.]*/[!.]*.parquet")])
    return {str(path.relative_to(tables).with_suffix("")): path for path in found}


def content(path: Path) -> str:
    """A hash of the rows of a file, in their order, without the times of imports.

    The file is opened once. Polars itself opens it twice, and may meet two files.
    """
    rows = pl.read_parquet(path.read_bytes()).drop(_TIMES, strict=False)
    text = f"{rows.schema}\n{rows.write_ndjson()}"
    return hashlib.sha256(text.encode()).hexdigest()


def contents(data: Path) -> dict[str, str]:
    """The hash of each file of the tables."""
    return {name: content(path) for name, path in table_files(data).items()}


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """The names of the tables and partitions that are not in both or have other rows."""
    names = sorted(found.keys() | expected.keys())
    return [name for name in names if found.get(name) != expected.get(name)]


def unbalanced(data: Path) -> list[str]:
    """The stages of the row accounting whose sums do not match; it cannot be missing."""
    accounting = pl.read_parquet(data / "tables" / "accounting.parquet")
    return [f"{row['stage']}: {row}" for row in accounting.filter(~pl.col("balanced")).to_dicts()]


def left_over(data: Path) -> list[str]:
    """Working folders, hidden drafts and their locks."""
    return sorted(str(path.relative_to(data)) for path in _left_over(data))


def _left_over(data: Path) -> Iterator[Path]:
    yield from (data / "staging").glob("*")
    for path in (*data.glob(".*"), *(data / "tables").rglob(".*")):
        if not path.name.endswith(_KEPT):
            yield path
