"""Metadata that are added to a complete Parquet file: its bytes are those that Polars writes with them."""

from pathlib import Path

import polars as pl
import pytest

from zoo_dag.store.parquet_footer import add_metadata

ROWS = pl.LazyFrame({"classification_id": ["1", "2", None], "text": ["", "Vögel", None]})


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"n_rows": "3"},
        # Lengths of one byte and of more, and letters of several.
        {"reads": "x" * 127, "name": "ü" * 64, "": "", "long": "y" * 70_000},
        {f"name {number:02}": str(number) for number in range(13)},
    ],
)
def test_the_file_is_as_if_it_had_been_written_with_them(tmp_path: Path, metadata: dict[str, str]) -> None:
    path, expected = tmp_path / "a.parquet", tmp_path / "b.parquet"
    ROWS.sink_parquet(path)
    ROWS.sink_parquet(expected, metadata=dict(sorted(metadata.items())))
    assert add_metadata(path, metadata)
    assert path.read_bytes() == expected.read_bytes()
    assert pl.read_parquet(path).equals(ROWS.collect())


@pytest.mark.parametrize(
    ("rows", "before", "added"),
    [
        (ROWS, {"n_rows": "3"}, {"n_read": "4"}),
        (ROWS, {}, {f"name {number:02}": "" for number in range(14)}),
        # The smallest cell is in the footer, too, and looks like the place of the metadata.
        (ROWS.with_columns(text=pl.lit("\x19\x1c\x18\x0cARROW:schema\x18")), {}, {"n_rows": "3"}),
    ],
)
def test_a_file_that_differs_stays_as_it_is(
    tmp_path: Path, rows: pl.LazyFrame, before: dict[str, str], added: dict[str, str]
) -> None:
    path = tmp_path / "a.parquet"
    rows.sink_parquet(path, metadata=before)
    content = path.read_bytes()
    assert not add_metadata(path, added)
    assert path.read_bytes() == content
