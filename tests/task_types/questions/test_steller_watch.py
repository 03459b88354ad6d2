"""Consensus of a real project against the counts that its team published."""

from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder

# The team counted every row, repeats and what was sent twice among them.
ALL_ROWS = '[exclusion]\nrepeat = "all"\n'


def counts(shared_data: Path, folder: Path, settings: str) -> pl.DataFrame:
    """The team's counts beside ours, per subject."""
    (folder / "zoo_dag.toml").write_text(settings)
    steller = shared_data / "real" / "steller-watch"
    outcome = run_all(DataFolder.find(folder), Request((steller / "classifications.csv",)))
    assert outcome.failures == []
    answer, number = pl.col("answer"), pl.col("votes")
    ours = (
        zoo_dag.scan("question_consensus", folder)
        .group_by("subject_ids")
        .agg(
            yes=number.filter(answer == "Yes!").sum(),
            no=number.filter(answer == "No.").sum(),
            blank=pl.col("n_blank").first(),
            n=pl.col("n_classifications").first(),
        )
    )
    reference = pl.scan_csv(steller / "reference_counts.csv", schema_overrides={"subject_ids": pl.String})
    return reference.join(ours, on="subject_ids", how="left").collect()


@pytest.fixture(scope="module")
def everything(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return counts(shared_data, tmp_path_factory.mktemp("everything"), ALL_ROWS)


def test_all_100_subjects_have_the_counts_of_the_team(everything: pl.DataFrame) -> None:
    assert everything.height == 100
    for ours, theirs in (
        ("yes", "count_yes"),
        ("no", "count_no"),
        ("blank", "count_null"),
        ("n", "num_classifications"),
    ):
        assert everything[ours].to_list() == everything[theirs].cast(pl.Int64).to_list(), theirs
