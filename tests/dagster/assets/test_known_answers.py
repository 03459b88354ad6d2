"""Gold, training feedback and the predictions of a machine, from files and exports to the tables."""

import polars as pl
import pytest

import zoo_dag
from tests.builders import answer, classification_row, question, question_strings, workflow_row, write_export
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import SettingsError, ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

N_SUBJECTS, N_VOLUNTEERS = 24, 5
OTHER = {"Yes": "No", "No": "Yes"}
RULES = {"feedback": {"enabled": True, "rules": [{"id": "7", "strategy": "singleAnswerQuestion"}]}}
# In the second workflow nothing is known.
WORKFLOWS = (11, 12)
STORED = ("pooled_question_consensus", "question_posteriors", "volunteers", "subject_summary")


def right(subject: int) -> str:
    return "Yes" if subject % 3 else "No"


def said(subject: int, volunteer: int) -> str:
    return right(subject) if (volunteer + subject) % 5 < 3 else OTHER[right(subject)]


def exports(folder: DataFolder) -> tuple:
    """Subjects on which three of five are right; the metadata of the last one say it is `No`."""
    rows = [
        classification_row(
            1000 * workflow + 10 * subject + volunteer,
            workflow_id=workflow,
            subject_ids=str(100 + subject),
            subject_data={str(100 + subject): {"retired": None, **feedback(subject)}},
            user_id=7000 + volunteer,
            user_name=f"volunteer-{volunteer}",
            annotations=[answer(value=said(subject, volunteer))],
        )
        for workflow in WORKFLOWS
        for subject in range(N_SUBJECTS)
        for volunteer in range(N_VOLUNTEERS)
    ]
    task = question(answers=3)
    strings = question_strings(answers=["Yes", "No", "Perhaps"])
    definitions = [
        workflow_row(workflow_id=workflow, tasks={"T0": task | (RULES if workflow == 11 else {})}, strings=strings)
        for workflow in WORKFLOWS
    ]
    beside = folder.root.parent
    return write_export(beside / "classifications.csv", rows), write_export(beside / "workflows.csv", definitions)


def feedback(subject: int) -> dict:
    return {"#feedback_1_id": "7", "#feedback_1_answer": "1"} if subject == N_SUBJECTS - 1 else {}


def write(folder: DataFolder, gold: dict[int, str], settings: str = 'gold = "gold.csv"') -> DataFolder:
    folder.root.mkdir(exist_ok=True)
    lines = [f"{subject},T0,{said},11" for subject, said in gold.items()]
    (folder.root / "gold.csv").write_text("\n".join(["subject_id,task,answer,workflow_id", *lines]))
    (folder.root / "zoo_dag.toml").write_text(f"[volunteers]\n{settings}\n")
    return DataFolder(folder.root)


def counted(folder: DataFolder) -> pl.DataFrame:
    """The votes of people."""
    rows = zoo_dag.scan("question_posteriors", folder.root).filter(pl.col("votes") > 0)
    return rows.select("workflow_id", "subject_id", "answer", "votes", "fraction").collect()


def written(folder: DataFolder) -> dict[tuple[str, int], int]:
    return {
        (name, workflow): folder.tables.path(TABLES[name], str(workflow)).stat().st_mtime_ns
        for name in STORED
        for workflow in WORKFLOWS
    }


def test_what_is_known_goes_into_the_posteriors_and_nothing_of_a_file_with_a_mistake(folder):
    gold = {100 + subject: right(subject) for subject in range(21)}
    # Nobody said what is right of one of them.
    gold[100] = "Perhaps"
    files = exports(write(folder, gold))
    outcome = run_all(DataFolder(folder.root), Request(files))
    assert outcome.failures == []
    posteriors = zoo_dag.scan("question_posteriors", folder.root, workflow=11).collect()
    known = posteriors.filter("is_gold")
    # 21 of the file, and one of training feedback.
    assert known["subject_id"].unique().sort().to_list() == [*range(100, 121), 123]
    winners = known.filter("wins").select("subject_id", "answer", "votes", "posterior").rows()
    assert winners[0] == (100, "Perhaps", 0, 1.0)
    assert winners[1:-1] == [(subject, gold[subject], 3, 1.0) for subject in range(101, 121)]
    assert winners[-1] == (123, "No", 2, 1.0)
    assert posteriors["posterior_calibrated"].null_count() == 0
    summary = zoo_dag.scan("subject_summary", folder.root, workflow=11).collect()
    first = summary.select("T0_answer", "T0_likeliest", "T0_posterior", "T0_posterior_calibrated").row(0)
    assert first == ("No", "Perhaps", 1.0, 1.0)
    # A volunteer is scored by the votes that count.
    volunteers = zoo_dag.scan("volunteers", folder.root, workflow=11).collect()
    assert volunteers["n_gold"].to_list() == [22] * N_VOLUNTEERS
    expected = [
        sum(said(subject, volunteer) == gold.get(100 + subject, "No") for subject in [*range(21), 23])
        for volunteer in range(N_VOLUNTEERS)
    ]
    assert (volunteers["gold_accuracy"] * 22).round(9).to_list() == expected
    assert zoo_dag.scan("question_posteriors", folder.root, workflow=12).collect()["is_gold"].sum() == 0
    before = written(folder)

    # A mistake: nothing is built, and the sentence says where it is.
    with pytest.raises(ZooDagError, match=r"gold.csv, line 3: T0 has no answer `Yess`. Did you mean `Yes`\?"):
        run_all(write(folder, {101: "Yes", 102: "Yess"}), Request(()))
    assert written(folder) == before
    with pytest.raises(SettingsError, match=r"missing.csv: there is no such file"):
        run_all(write(folder, gold, 'gold = "missing.csv"'), Request(()))

    # Another content of the file: its workflow is fitted again, and what is made of the posteriors.
    run_all(write(folder, {**gold, 100: "No"}), Request(()))
    after = written(folder)
    changed = {place for place in after if after[place] != before[place]}
    assert {name for name, workflow in changed if workflow == 11} == set(STORED[1:])
    assert "pooled_question_consensus" not in {name for name, _ in changed}
    winner = (
        zoo_dag.scan("question_posteriors", folder.root, workflow=11).filter(subject_id=100, wins=True).collect()
    )
    assert winner["answer"].to_list() == ["No"]

    # Predictions: one more row of volunteers, and no more votes.
    predictions = pl.DataFrame(
        [
            {"subject_id": 100 + subject, "task": "T0", "answer": says, "probability": probability}
            for subject in range(N_SUBJECTS)
            for says, probability in ((right(subject), 0.95), (OTHER[right(subject)], 0.05))
        ]
    )
    predictions.write_parquet(folder.root / "predictions.parquet")
    people_only = counted(folder)
    run_all(write(folder, gold, 'gold = "gold.csv"\npredictions = "predictions.parquet"'), Request(()))
    assert counted(folder).equals(people_only)
    machine = zoo_dag.scan("volunteers", folder.root, workflow=11).filter(user_key="machine").collect()
    assert machine["n_votes"].to_list() == [N_SUBJECTS]
    assert machine["skill"][0] > 0.8
    summary = zoo_dag.scan("subject_summary", folder.root, workflow=11).filter(
        pl.col("subject_id").is_between(121, 122)
    )
    likeliest = summary.select("T0_likeliest", pl.col("T0_posterior") > 0.5, "n_volunteers").collect()
    assert likeliest.rows() == [(right(subject), True, N_VOLUNTEERS) for subject in (21, 22)]
