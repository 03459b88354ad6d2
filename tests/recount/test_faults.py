"""Inputs that once gave wrong values, or stopped a run, give the right ones.

The inputs are beside the project (`faults` of the shared data); each stands for its kind.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import run_all
from tests.recount.exports import rows_of
from tests.recount.right_values import DAMAGED, MEANING, SAID, SCIENCE, TOGETHER, Right
from tests.recount.test_recount import recount
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.errors import ExportError
from zoo_dag.store.data_folder import DataFolder

RIGHT = SAID | SCIENCE | MEANING | DAMAGED
# The recount knows no rule that joins rows with and without labels, nor ids that were made anew.
RECOUNTED = sorted((SAID | SCIENCE | MEANING).keys() - {"raw-rows-no-workflows", "ids-made-anew"})
Built = Callable[[str], tuple[Path, Outcome]]


@pytest.fixture(scope="module")
def built(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The data folder of an input, and the outcome of its run; an input is run once."""
    runs: dict[str, tuple[Path, Outcome]] = {}

    def built(name: str) -> tuple[Path, Outcome]:
        if name not in runs:
            folder = tmp_path_factory.mktemp(Path(name).name)
            runs[name] = folder, run_all(DataFolder(folder), Request((shared_data / "faults" / name,)))
        return runs[name]

    return built


@pytest.mark.parametrize("name", RIGHT)
def test_the_values_are_right(name: str, built: Built) -> None:
    folder, outcome = built(name)
    assert outcome.failures == []
    for right in RIGHT[name]:
        assert_right(right, zoo_dag.scan(right.table, folder))


def assert_right(right: Right, rows: pl.LazyFrame) -> None:
    names = rows.collect_schema().names()
    columns = [pl.nth(names.index(name)) for name in right.columns.split(", ")]
    found = rows.filter(right.where).select(columns).collect()
    assert sorted(found.rows(), key=str) == [rounded(row) for row in sorted(right.rows, key=str)], right


@pytest.fixture(scope="module")
def project(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of several inputs, each the only workflow of its number."""
    exports, folder = tmp_path_factory.mktemp("exports"), tmp_path_factory.mktemp("project")
    for number, name in enumerate(TOGETHER):
        for path in sorted((shared_data / "faults" / name).glob("*.csv")):
            rows = list(rows_of(path))
            for row in rows:
                row["workflow_id"] = str(number)
                if "classification_id" in row:
                    row["classification_id"] = f"{number + 1}{int(row['classification_id'] or 0):06}"
            write_export(exports / f"{number}-{path.name}", rows)
    outcome = run_all(DataFolder(folder), Request((exports,)))
    assert outcome.failures == []
    return folder


@pytest.mark.parametrize("name", TOGETHER)
def test_the_values_are_right_beside_other_workflows(name: str, project: Path) -> None:
    of_workflow = pl.col("workflow_id") == list(TOGETHER).index(name)
    for right in TOGETHER[name]:
        assert_right(right, zoo_dag.scan(right.table, project).filter(of_workflow))


def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Numbers with a fraction equal those that round to them."""
    return tuple(pytest.approx(cell, abs=half_a_digit(cell)) if isinstance(cell, float) else cell for cell in row)


def half_a_digit(number: float) -> float:
    exponent = Decimal(str(number)).as_tuple().exponent
    return 0.5001 * 10.0 ** int(exponent)


@pytest.mark.parametrize("name", RECOUNTED)
def test_a_recount_gives_the_same(name: str, built: Built, shared_data: Path) -> None:
    folder, _ = built(name)
    found = recount(shared_data / "faults" / name, folder)
    assert not found, "\n".join(found)


def test_a_curve_keeps_its_bulge(built: Built) -> None:
    folder, _ = built("bezier-control-points")
    points = zoo_dag.scan("drawing_consensus", folder).select("points").collect().item()
    ring = [(point["x"], point["y"]) for point in points]
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]))) / 2
    assert area == pytest.approx(33_333, rel=0.01)


def test_two_animals_close_together_are_where_they_are(built: Built) -> None:
    folder, _ = built("chained-neighbours")
    marks = zoo_dag.scan("drawing_annotations", folder).select("x").collect()["x"].sort()
    clusters = zoo_dag.scan("drawing_consensus", folder).filter(pl.col("n_members") >= 8)
    centres = clusters.select(pl.col("x").sort()).collect()["x"].to_list()
    assert centres == pytest.approx([marks[:10].mean(), marks[10:].mean()], abs=3)


def test_times_that_cannot_be_read_are_counted(built: Built) -> None:
    _, outcome = built("time-forms")
    (check,) = (check for check in outcome.checks if check.check == "session_times_are_read")
    assert "2 of 8" in check.description


def test_files_of_caesar_beside_exports_are_named(built: Built) -> None:
    _, outcome = built("folder-with-aggregation-output")
    passed_over = ("caesar_reductions.csv", "question_extractor.csv", "question_reducer_reductions.csv")
    for name in passed_over:
        assert any(name in warning for warning in outcome.findings.ignored), name


def test_a_file_of_caesar_alone_is_named(shared_data: Path, tmp_path: Path) -> None:
    extracts = shared_data / "faults" / "caesar-extracts" / "extracts.csv"
    with pytest.raises(ExportError, match=r"extracts\.csv: this is a table of extracts downloaded from Caesar"):
        run_all(DataFolder(tmp_path), Request((extracts,)))


def test_a_header_of_two_thousand_columns_is_refused(built: Built) -> None:
    with pytest.raises(ExportError, match=r"classifications\.csv: the header has 2,014 columns"):
        built("damaged/cols2000")


def test_a_row_whose_id_has_digits_of_another_script_is_somewhere(built: Built) -> None:
    folder, outcome = built("damaged/digits-user")
    heights = [zoo_dag.scan(table, folder).collect().height for table in ("classifications", "parsed_quarantine")]
    assert outcome.failures == []
    assert sum(heights) == 3
    votes = zoo_dag.scan("question_consensus", folder).select("answer").collect()["answer"].to_list()
    assert votes == ["y"]
