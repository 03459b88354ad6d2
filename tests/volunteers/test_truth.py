"""Crowd labels with known truth, as exports and through the whole pipeline."""

from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.builders import Row, answer, classification_row, question, question_strings, workflow_row
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder

# Accuracy of the plurality and of Dawid and Skene's model, at least: the figures of the published benchmarks.
AT_LEAST = {"bluebird": (0.759, 0.889), "dog": (0.822, 0.836), "face": (0.637, 0.640), "rte": (0.897, 0.925)}
WORKFLOWS = {name: number for number, name in enumerate(AT_LEAST, 11)}
GOLD_SHARE = 2


def read(shared_data: Path, name: str) -> tuple[pl.DataFrame, dict[int, int]]:
    """Labels, each once, and the truth by item."""
    labels = pl.read_csv(shared_data / "truth" / f"{name}_label.csv").unique(maintain_order=True)
    truth = pl.read_csv(shared_data / "truth" / f"{name}_truth.csv")
    return labels, dict(truth.rows())


def as_exports(labels: pl.DataFrame) -> tuple[list[Row], list[Row]]:
    """The labels as rows of a classifications export, and the workflow that they are of."""
    n_labels = int(labels["label"].max()) + 1  # type: ignore[arg-type]
    rows = [
        classification_row(
            number,
            subject_ids=str(1000 + item),
            user_id=worker,
            user_name=f"volunteer-{worker}",
            annotations=[answer(value=f"label {label}")],
        )
        for number, (item, worker, label) in enumerate(labels.rows())
    ]
    answers = [f"label {label}" for label in range(n_labels)]
    return rows, [
        workflow_row(tasks={"T0": question(answers=n_labels)}, strings=question_strings(answers=answers))
    ]


@pytest.fixture(scope="module")
def built(shared_data: Path, built_projects: BuiltProjects) -> BuiltProject:
    """A project in which each set is a workflow."""
    sets = {workflow: as_exports(read(shared_data, name)[0]) for name, workflow in WORKFLOWS.items()}
    return built_projects.of_workflows(sets)


def write_gold(folder: DataFolder, gold: dict[str, dict[int, int]]) -> None:
    """The gold of each set as a file in the data folder, and the setting that names it."""
    rows = [
        {"subject_id": 1000 + item, "task": "T0", "answer": f"label {label}", "workflow_id": WORKFLOWS[name]}
        for name, of_set in gold.items()
        for item, label in of_set.items()
    ]
    pl.DataFrame(rows).write_csv(folder.root / "gold.csv")
    (folder.root / "zoo_dag.toml").write_text('[volunteers]\ngold = "gold.csv"\n')


def accuracy(rows: pl.DataFrame, share: str, truth: dict[int, int]) -> float:
    """How often the answer with the largest share is the truth; of several each counts for its part."""
    best = rows.filter(pl.col(share) == pl.col(share).max().over("subject_id"))
    right = pl.col("answer") == pl.col("subject_id").replace_strict(
        {1000 + item: f"label {label}" for item, label in truth.items()}, default=None
    )
    known = best.filter(pl.col("subject_id").is_in([1000 + item for item in truth]))
    return float(known.group_by("subject_id").agg(right.mean())["answer"].mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", AT_LEAST)
def test_accuracy_is_that_of_the_published_methods(shared_data: Path, built: BuiltProject, name: str) -> None:
    _, truth = read(shared_data, name)
    rows = zoo_dag.scan("question_posteriors", built.folder.root, WORKFLOWS[name]).collect()
    assert set(rows["method"]) == {"dawid_skene"}
    plurality, posterior = (accuracy(rows, share, truth) for share in ("fraction", "posterior"))
    least_plurality, least_posterior = AT_LEAST[name]
    assert round(plurality, 3) >= least_plurality
    assert round(posterior, 3) >= least_posterior


def error(rows: pl.DataFrame, share: str, truth: dict[int, int]) -> float:
    """Expected calibration error over ten bins of the largest share of each subject."""
    best = rows.sort(share, descending=True).unique("subject_id", keep="first", maintain_order=True)
    right = pl.col("answer") == pl.col("subject_id").replace_strict(
        {1000 + item: f"label {label}" for item, label in truth.items()}, default=None
    )
    bins = best.with_columns(right=right, bin=(pl.col(share) * 10).floor().clip(0, 9)).drop_nulls("right")
    of_bins = bins.group_by("bin").agg(pl.len(), gap=(pl.col("right").mean() - pl.col(share).mean()).abs())
    return float((of_bins["len"] * of_bins["gap"]).sum() / of_bins["len"].sum())


def test_gold_halves_the_error_of_the_posteriors(shared_data: Path, built: BuiltProject, tmp_path: Path) -> None:
    """Half of the truth is gold: on the other half, the error is at most half on three of the four sets."""
    truths = {name: read(shared_data, name)[1] for name in AT_LEAST}
    gold = {name: {item: truth[item] for item in sorted(truth)[::GOLD_SHARE]} for name, truth in truths.items()}
    folder = built.copy(DataFolder(tmp_path / "data"))
    write_gold(folder, gold)
    run_all(DataFolder(folder.root), Request(()))
    halved = []
    for name, truth in truths.items():
        rest = {item: truth[item] for item in sorted(truth) if item not in gold[name]}
        rows = zoo_dag.scan("question_posteriors", folder.root, WORKFLOWS[name]).collect()
        assert rows.filter("is_gold")["subject_id"].unique().sort().to_list() == [
            1000 + item for item in gold[name]
        ]
        before, after = (error(rows, share, rest) for share in ("posterior", "posterior_calibrated"))
        halved.append(after <= before / 2)
    assert sum(halved) >= 3
