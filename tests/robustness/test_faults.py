"""A few kills and a full disk; `python -m tests.robustness.kills` and `full_disk` try many."""

from pathlib import Path

import pytest

from tests.robustness.full_disk import MountingError, at_full_disk
from tests.robustness.kills import Reader, kill_run
from tests.robustness.readers import read_beside_writer
from tests.robustness.stored import left_over
from tests.robustness.undisturbed import Import, undisturbed
from tests.robustness.week import simulate


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Import, Import]:
    """A first import and a later one."""
    return undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize("seed", [1])
def test_a_run_that_is_killed_loses_nothing(seed: int, imports: tuple[Import, Import], tmp_path: Path) -> None:
    assert kill_run(imports[seed % 2], seed, tmp_path).broken == []


def test_a_run_on_a_full_disk_loses_nothing(imports: tuple[Import, Import], tmp_path: Path) -> None:
    try:
        tried = at_full_disk(imports[1], tmp_path / "disk", imports[1].n_bytes // 2)
    except MountingError as error:
        pytest.skip(str(error))
    assert tried.broken == []
    assert tried.exit_code in (1, 2)


def test_what_is_left_over_and_torn_is_seen(imports: tuple[Import, Import], tmp_path: Path) -> None:
    """These proofs could not fail otherwise."""
    _, later = imports
    data = later.into(tmp_path / "data")
    (data / "staging" / "of a killed run").mkdir()
    (data / "tables" / f".accounting.{'0' * 32}.parquet").touch()
    assert left_over(data) == ["staging/of a killed run", f"tables/.accounting.{'0' * 32}.parquet"]
    table = data / "tables" / "accounting.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    reader = Reader(data, later)
    reader.look()
    assert [said for said in reader.torn if said.startswith("accounting cannot be read")] != []


def test_hourly_imports_through_the_inbox_store_each_row(tmp_path: Path) -> None:
    week = simulate(tmp_path, 2)
    assert week.problems == []
    assert week.runs[1] > week.runs[0] > 0


def test_a_reader_beside_a_writer_sees_whole_tables(tmp_path: Path) -> None:
    n_read, wrong = read_beside_writer(tmp_path, 100)
    assert wrong == []
    assert n_read > 0
