"""Small files that would take all memory or disk: refused with a sentence, in bounded memory."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import CLASSIFICATION_COLUMNS, classification_row, export_bytes

MIB = 1 << 20
# Every command below needs less, with Python, Polars and Dagster.
MOST_BYTES = 500 * MIB
# But for a million lines that are no rows, of which the first ones are kept.
MOST_BYTES_OF_LINES = MOST_BYTES + 200 * MIB
SOUND = export_bytes([classification_row(1), classification_row(2)], CLASSIFICATION_COLUMNS)

_IMPORT_OF_THE_INBOX = """\
import sys
import dagster as dg
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.dagster.definitions import build_definitions

folder = DataFolder.find(sys.argv[1])
job = build_definitions(folder).resolve_job_def("import_exports")
result = job.execute_in_process(instance=dg.DagsterInstance.ephemeral())
print(*(each.description for each in result.get_asset_check_evaluations() if not each.passed))
assert result.success
"""


# The memory of a process counts from that of the one which started it, so a small one starts it.
_MEASURE = """\
import json, resource, subprocess, sys
done = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
print(json.dumps([done.returncode, done.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def measured(*command: str) -> tuple[int, str, int]:
    """The exit code of a process, what it printed, and the most memory that it had."""
    measure = [sys.executable, "-c", _MEASURE, *command]
    code, printed, memory = json.loads(subprocess.check_output(measure, text=True))  # noqa: S603
    # macOS counts bytes.
    return code, printed, memory * (1 if sys.platform == "darwin" else 1024)


def zeros_in_gzip(folder: Path) -> Path:
    path = folder / "zeros.csv.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(SOUND)
        for _ in range(300):
            stream.write(bytes(MIB))
    return path


def zeros_in_zip(folder: Path) -> Path:
    path = folder / "zeros.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("export.csv", "w") as member:
        member.write(SOUND)
        for _ in range(300):
            member.write(bytes(MIB))
    return path


def blank_lines_in_gzip(folder: Path) -> Path:
    path = folder / "blank.csv.gz"
    path.write_bytes(gzip.compress(SOUND + b"\n" * (300 * MIB), 1))
    return path


def sparse(folder: Path, start: bytes, end: bytes) -> Path:
    """A file of 2 GB that takes no disk: zeros between its start and its end."""
    path = folder / "sparse.csv"
    with path.open("wb") as stream:
        stream.write(start)
        stream.seek(2000 * MIB)
        stream.write(end)
    return path


def one_line(folder: Path) -> Path:
    return sparse(folder, SOUND, b"\n")


def one_cell(folder: Path) -> Path:
    row = export_bytes([classification_row(3, workflow_name="@,@")], CLASSIFICATION_COLUMNS).splitlines()[1]
    start, _, end = row.partition(b"@,@")
    return sparse(folder, SOUND + start, end + b"\n")


def blank_lines(folder: Path) -> Path:
    path = folder / "blank.csv"
    path.write_bytes(SOUND + b"\n" * (100 * MIB))
    return path


def lines_that_are_no_rows(folder: Path) -> Path:
    path = folder / "notes.csv"
    path.write_bytes(SOUND + b"this line is no row of any export, and nobody knows why\n" * MIB)
    return path


def line_of_megabytes(folder: Path) -> Path:
    """Within the limits: read, and quarantined."""
    path = folder / "line.csv"
    path.write_bytes(SOUND + b"y" * (7 * MIB))
    return path


def cell_of_megabytes(folder: Path) -> Path:
    """Within the limits: read, and counted."""
    path = folder / "cell.csv"
    big = classification_row(3, annotations=[{"task": "T0", "value": "x" * (7 * MIB)}])
    path.write_bytes(SOUND + export_bytes([big], CLASSIFICATION_COLUMNS).partition(b"\n")[2])
    return path


REFUSED: dict[Callable[[Path], Path], str] = {
    zeros_in_gzip: "row_mib",
    zeros_in_zip: "row_mib",
    blank_lines_in_gzip: "cells_per_byte",
    one_line: "row_mib",
    one_cell: "row_mib",
    blank_lines: "cells_per_byte",
    lines_that_are_no_rows: "rejected_mib",
}


@pytest.mark.parametrize("bomb", REFUSED)
def test_check_refuses_it_in_bounded_memory(tmp_path: Path, bomb: Callable[[Path], Path]) -> None:
    path = bomb(tmp_path)
    code, printed, memory = measured("-m", "zoo_dag", "check", str(path), "--data", str(tmp_path / "data"))
    assert code == 2
    assert printed.startswith(f"Error: {path}: ")
    assert f"set a larger {REFUSED[bomb]} in the section [importing] of zoo_dag.toml." in printed
    assert printed.count("\n") == 1
    assert memory < (MOST_BYTES_OF_LINES if bomb is lines_that_are_no_rows else MOST_BYTES)


def test_check_reads_large_cells_in_bounded_memory(tmp_path: Path) -> None:
    files = [str(file(tmp_path)) for file in (line_of_megabytes, cell_of_megabytes)]
    code, printed, memory = measured("-m", "zoo_dag", "check", *files)
    assert code == 0, printed
    assert memory < MOST_BYTES


def test_run_refuses_it_in_bounded_memory(tmp_path: Path) -> None:
    path = zeros_in_gzip(tmp_path)
    data = tmp_path / "data"
    code, printed, memory = measured("-m", "zoo_dag", "run", str(path), "--data", str(data))
    assert code == 2
    assert f"Error: {path}: " in printed
    assert f"set a larger {REFUSED[zeros_in_gzip]} in the section [importing] of zoo_dag.toml." in printed
    assert "All sums match" not in printed
    assert memory < MOST_BYTES
    assert not list((data / "tables").glob("raw_classifications/*"))
    assert not list((data / "staging").glob("*"))


def test_the_inbox_imports_the_other_files(tmp_path: Path) -> None:
    inbox = tmp_path / "data" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "sound.csv").write_bytes(SOUND)
    for bomb in (one_cell, zeros_in_zip, lines_that_are_no_rows):
        bomb(inbox)
    code, printed, memory = measured("-c", _IMPORT_OF_THE_INBOX, str(tmp_path / "data"))
    assert code == 0, printed
    for name, setting in (("sparse.csv", "row_mib"), ("zeros.zip", "row_mib"), ("notes.csv", "rejected_mib")):
        assert f"{inbox / name}: " in printed
        assert f"set a larger {setting} in" in printed
    assert [path.stem for path in (tmp_path / "data" / "tables" / "raw_classifications").glob("*.parquet")] == [
        "11-v3.10"
    ]
    assert memory < MOST_BYTES_OF_LINES
