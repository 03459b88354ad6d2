"""The same bytes in another way, and what the files say about where they come from.

`python -m tests.robustness.reproduce` tries more ways, on more data.
"""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.robustness.projects import first_exports
from tests.robustness.reproduce import Way, compute
from tests.robustness.stored import table_files
from zoo_dag.dagster.recipes import recipe
from zoo_dag.settings.loading import Settings

# Facts about the raw files, stored beside them.
OF_RAW_FILES = ("raw_versions", "shown_subjects")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return first_exports(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def data(exports: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reproduced")


@pytest.fixture(scope="module")
def expected(exports: list[Path], data: Path) -> dict[str, str | bytes]:
    """The files of the tables, as one command on one thread computes them."""
    return compute(Way("at once", [exports], {"POLARS_MAX_THREADS": "1"}), data / "at-once")


def test_threads_hash_seeds_places_and_the_order_of_imports_change_no_byte(
    exports: list[Path], data: Path, expected: dict[str, str | bytes]
) -> None:
    elsewhere = {"POLARS_MAX_THREADS": "4", "PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Pacific/Chatham"}
    # Subjects and workflows alone would be refused.
    classifications, *others = exports
    other = Way("other", [[classifications], [*reversed(others)]], elsewhere, folder="another place, ü")
    found = compute(other, data / "other")
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


@pytest.mark.usefixtures("expected")
def test_each_file_says_from_what_and_how_it_was_computed(exports: list[Path], data: Path) -> None:
    sums = {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in exports}
    files = table_files(data / "at-once" / "data")
    metadata = {name: pl.read_parquet_metadata(path) for name, path in files.items()}
    for name, stored in metadata.items():
        if name.split("/")[0] not in OF_RAW_FILES:
            assert stored["settings"] == recipe(name.split("/")[0], Settings()).settings, name
            assert stored["zoo_dag"] == zoo_dag.__version__, name
            assert stored["code_version"].partition("-")[0].isdecimal(), name
    imports = pl.read_parquet(files["imports"]).select("sha256", "source_file").rows()
    assert dict(imports) == sums
    for name, export in {
        "raw_classifications/11-v3.10": "classifications.csv",
        "raw_subjects": "subjects.csv",
        "raw_workflows": "workflows.csv",
    }.items():
        assert [sums[each] for each in json.loads(metadata[name]["reads"])] == [export]
