"""Inputs that once gave wrong values, or stopped a run, give the right ones.

The inputs are beside the project (`faults` of the shared data); each stands for its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import zoo_dag
from tests.builders import write_export
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import run_all
from tests.recount.exports import rows_of
from tests.recount.right_values import DAMAGED, LATER, MEANING, SAID, SCIENCE, Right
from tests.recount.test_recount import recount
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import ExportError
from zoo_dag.store.data_folder import DataFolder

RIGHT = SAID | SCIENCE | MEANING | LATER | DAMAGED
# Each is a project, since it is about what else is in a folder, an encoding, a subjects export, rows of no
# workflow, or a project that has no workflows export.
ALONE = {
    *("damaged/digits-workflow", "folder-with-aggregation-output", "old-subject-set", "old-subjects"),
    *("old-subjects-per-set", "padded-rows", "subjects-oddities", "utf16"),
}
# All others are one project, each the only workflow of its number.
TOGETHER = [name for name in (*RIGHT, "damaged/digits-user") if name not in ALONE]
# The recount knows no rule that joins rows with and without labels, nor ids that were made anew.
RECOUNTED = (SAID | SCIENCE | MEANING).keys() - {"raw-rows-no-workflows", "ids-made-anew"}


@dataclass(frozen=True)
class Built:
    """An input in the project that was built of it, or of all that are one."""

    project: BuiltProject
    workflow: int | None = None

    def table(self, name: str) -> pl.LazyFrame:
        """The rows of the input."""
        rows = zoo_dag.scan(name, self.project.folder.root)
        if self.workflow is None:
            return rows
        # In raw tables it is text.
        return rows.filter(pl.col("workflow_id").cast(pl.String) == str(self.workflow))


Build = Callable[[str], Built]


@pytest.fixture(scope="module")
def together(
    built_projects: BuiltProjects, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> BuiltProject:
    """The project of many inputs. What is recounted is in a first folder of exports, all else in a second one."""
    recounted, others = tmp_path_factory.mktemp("recounted"), tmp_path_factory.mktemp("others")
    for number, name in enumerate(TOGETHER):
        for path in sorted((shared_data / "faults" / name).glob("*.csv")):
            rows = list(rows_of(path))
            for row in rows:
                row["workflow_id"] = str(number)
                if "classification_id" in row:
                    row["classification_id"] = f"{number + 1}{int(row['classification_id'] or 0):06}"
            write_export((recounted if name in RECOUNTED else others) / f"{number}-{path.name}", rows)
    return built_projects.of(recounted, others)


@pytest.fixture(scope="module")
def build(built_projects: BuiltProjects, shared_data: Path, request: pytest.FixtureRequest) -> Build:
    """Builds an input."""

    def build(name: str) -> Built:
        if name in TOGETHER:
            return Built(request.getfixturevalue("together"), TOGETHER.index(name))
        return Built(built_projects.of(shared_data / "faults" / name))

    return build


@pytest.mark.parametrize("name", RIGHT)
def test_the_values_are_right(name: str, build: Build) -> None:
    built = build(name)
    assert built.project.outcome.failures == []
    for right in RIGHT[name]:
        assert_right(right, built.table(right.table))


def assert_right(right: Right, rows: pl.LazyFrame) -> None:
    names = rows.collect_schema().names()
    columns = [pl.nth(names.index(name)) for name in right.columns.split(", ")]
    found = rows.filter(right.where).select(columns).collect()
    assert sorted(found.rows(), key=str) == [rounded(row) for row in sorted(right.rows, key=str)], right


def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Numbers with a fraction equal those that round to them."""
    return tuple(pytest.approx(cell, abs=half_a_digit(cell)) if isinstance(cell, float) else cell for cell in row)


def half_a_digit(number: float) -> float:
    exponent = Decimal(str(number)).as_tuple().exponent
    return 0.5001 * 10.0 ** int(exponent)


@pytest.mark.parametrize("name", sorted(ALONE & RECOUNTED))
def test_a_recount_gives_the_same(name: str, build: Build) -> None:
    project = build(name).project
    found = recount(*project.exports, project.folder.root)
    assert not found, "\n".join(found)


def test_a_recount_of_all_that_are_one_project_gives_the_same(together: BuiltProject) -> None:
    others = [number for number, name in enumerate(TOGETHER) if name not in RECOUNTED]
    found = recount(together.exports[0], together.folder.root, ~pl.col("workflow_id").is_in(others))
    assert not found, "\n".join(found)


def test_a_curve_keeps_its_bulge(build: Build) -> None:
    points = build("bezier-control-points").table("drawing_consensus").select("points").collect().item()
    ring = [(point["x"], point["y"]) for point in points]
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]))) / 2
    assert area == pytest.approx(33_333, rel=0.01)


def test_two_animals_close_together_are_where_they_are(build: Build) -> None:
    built = build("chained-neighbours")
    marks = built.table("drawing_annotations").select("x").collect()["x"].sort()
    clusters = built.table("drawing_consensus").filter(pl.col("n_members") >= 8)
    centres = clusters.select(pl.col("x").sort()).collect()["x"].to_list()
    assert centres == pytest.approx([marks[:10].mean(), marks[10:].mean()], abs=3)


def test_times_that_cannot_be_read_are_counted(build: Build) -> None:
    built = build("time-forms")
    checks = built.project.outcome.checks
    (check,) = (check for check in checks if check.check == "session_times_are_read")
    assert f"2 of 8 classifications (25 %) of workflow {built.workflow}, version 3.2" in check.description


def test_files_of_caesar_beside_exports_are_named(build: Build) -> None:
    ignored = build("folder-with-aggregation-output").project.outcome.findings.ignored
    passed_over = ("caesar_reductions.csv", "question_extractor.csv", "question_reducer_reductions.csv")
    for name in passed_over:
        assert any(name in warning for warning in ignored), name


def test_a_file_of_caesar_alone_is_named(shared_data: Path, tmp_path: Path) -> None:
    extracts = shared_data / "faults" / "caesar-extracts" / "extracts.csv"
    with pytest.raises(ExportError, match=r"extracts\.csv: this is a table of extracts downloaded from Caesar"):
        run_all(DataFolder(tmp_path), Request((extracts,)))


def test_a_header_of_two_thousand_columns_is_refused(build: Build) -> None:
    with pytest.raises(ExportError, match=r"classifications\.csv: the header has 2,014 columns"):
        build("damaged/cols2000")


def test_a_row_whose_id_has_digits_of_another_script_is_somewhere(build: Build) -> None:
    built = build("damaged/digits-user")
    heights = [built.table(name).collect().height for name in ("classifications", "parsed_quarantine")]
    assert built.project.outcome.failures == []
    assert sum(heights) == 3
    votes = built.table("question_consensus").select("answer").collect()["answer"].to_list()
    assert votes == ["y"]
