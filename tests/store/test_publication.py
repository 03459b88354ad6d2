"""Tables that are published together: all of them or none."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.publication import finish, publication
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES

RAW, IMPORTS = TABLES["raw_classifications"], TABLES["imports"]


class KilledError(Exception):
    """The process ends here."""


def rows(count: int) -> pl.LazyFrame:
    return pl.LazyFrame({"classification_id": [str(number) for number in range(count)]})


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    """A folder with two versions."""
    data = DataFolder(tmp_path / "data")
    for key in ("1-v1.1", "1-v1.2"):
        data.tables.publish(RAW, rows(1), {"n_rows": "1"}, key)
    return data


def stored(files: TableFiles) -> dict[str, int]:
    return {key: int(files.metadata(RAW, key)["n_rows"]) for key in files.keys(RAW)}


def replace_all(data: DataFolder) -> None:
    with data.staging() as staging, publication(data.tables, staging) as together:
        together.publish(RAW, rows(2), {"n_rows": "2"}, "1-v1.1")
        together.publish(RAW, rows(3), {"n_rows": "3"}, "1-v1.10")
        together.remove(RAW, "1-v1.2")
        together.publish(IMPORTS, IMPORTS.empty().lazy(), {})
        assert stored(data.tables) == {"1-v1.1": 1, "1-v1.2": 1}


def test_all_are_put_in_place_at_the_end(data: DataFolder) -> None:
    replace_all(data)
    assert stored(data.tables) == {"1-v1.1": 2, "1-v1.10": 3}
    assert data.tables.exists(IMPORTS)
    assert not finish(data.tables)


def test_a_table_that_was_not_brought_from_an_object_store_yet_is_removed(data: DataFolder) -> None:
    path = data.tables.path(RAW, "1-v1.2")
    path.unlink()
    path.symlink_to(data.root / "objects" / "not here")
    with data.staging() as staging, publication(data.tables, staging) as together:
        together.remove(RAW, "1-v1.2")
    assert not path.is_symlink()


def test_a_table_goes_with_what_checks_found_in_it(data: DataFolder) -> None:
    data.tables.publish(IMPORTS, IMPORTS.empty().lazy(), {})
    found = [data.tables.findings_path(RAW, key) for key in ("1-v1.1", "1-v1.2", None)]
    for path in found:
        path.write_text("{}")
    with data.staging() as staging, publication(data.tables, staging) as together:
        together.remove(RAW, "1-v1.2")
        together.remove(IMPORTS)
        # One that is not stored.
        together.remove(RAW, "1-v1.3")
        together.remove_findings(RAW)
    assert stored(data.tables) == {"1-v1.1": 1}
    assert not data.tables.exists(IMPORTS)
    assert [path.exists() for path in found] == [True, False, False]


def test_an_error_publishes_nothing(data: DataFolder) -> None:
    wrong = pl.LazyFrame({"a": ["x"]}).select(pl.col("a").cast(pl.Int64))

    def replace_some() -> None:
        with data.staging() as staging, publication(data.tables, staging) as together:
            together.publish(RAW, rows(2), {"n_rows": "2"}, "1-v1.1")
            together.publish(RAW, wrong, {"n_rows": "1"}, "1-v1.2")

    with pytest.raises(pl.exceptions.PolarsError):
        replace_some()
    assert stored(data.tables) == {"1-v1.1": 1, "1-v1.2": 1}
    assert list((data.root / "staging").iterdir()) == []


@pytest.mark.parametrize("moment", range(1, 6))
def test_what_a_killed_process_left_is_put_in_place_with_the_next_lock(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _killed_at(moment, os.replace))
        if moment < 5:
            with pytest.raises(KilledError):
                replace_all(data)
        else:
            replace_all(data)
    with data.import_lock():
        pass
    # The first is the moment itself: before it nothing counts, after it everything.
    before, after = {"1-v1.1": 1, "1-v1.2": 1}, {"1-v1.1": 2, "1-v1.10": 3}
    assert stored(data.tables) == (before if moment == 1 else after)
    assert data.tables.exists(IMPORTS) == (moment > 1)
    assert not (data.tables.root / ".publication").exists()


def _killed_at(moment: int, replace: Callable[..., None]) -> Callable[..., None]:
    calls = iter(range(1, 100))

    def replace_or_die(*arguments: Path) -> None:
        if next(calls) == moment:
            raise KilledError
        replace(*arguments)

    return replace_or_die
