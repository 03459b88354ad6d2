"""The tables of posteriors and of volunteers, from exports to Parquet files."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import zoo_dag
from tests.builders import answer, classification_row, json_text
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.task_agreement import task_agreement

WEIGHED = ("question_posteriors", "volunteers")
N_SUBJECTS, N_VOLUNTEERS = 20, 6
# Two volunteers always say the other answer.
CONTRARY = (4, 5)


def said(subject: int, volunteer: int) -> str:
    right = "Yes" if subject % 2 else "No"
    return {"Yes": "No", "No": "Yes"}[right] if volunteer in CONTRARY else right


def rows(n_volunteers: int = N_VOLUNTEERS, n_subjects: int = N_SUBJECTS) -> list[dict]:
    return [
        classification_row(
            100 * subject + volunteer,
            subject_ids=str(100 + subject),
            user_id=7000 + volunteer,
            user_name=f"volunteer-{volunteer}",
            annotations=[answer(value=said(subject, volunteer))],
        )
        for subject in range(n_subjects)
        for volunteer in range(n_volunteers)
    ]


EVERYBODY, AGAIN, FEW, EXPERT, TWO_TYPES = range(11, 16)


def of_two_types() -> list[dict]:
    """Nothing says what T0 is: some gave any of several answers, some chose from a dropdown, and some did both."""
    chosen = answer(value=[{"value": "x", "label": "X", "option": True}])
    both = [answer(value=["Yes"]), chosen]
    return [
        row | {"annotations": json_text(([answer(value=["No"])], [chosen], both)[number % 3])}
        for number, row in enumerate(rows())
    ]


@pytest.fixture(scope="module")
def built(built_projects: BuiltProjects) -> BuiltProject:
    """The rows; with a second answer of a volunteer; of two volunteers; and with the answer of an expert."""
    again = classification_row(
        9000, subject_ids="100", user_id=7001, user_name="volunteer-1", annotations=[answer(value="Yes")]
    )
    expert = classification_row(
        9999, subject_ids="100", gold_standard=True, expert="expert", annotations=[answer(value="Yes")]
    )
    of_workflows = {
        EVERYBODY: rows(),
        AGAIN: [*rows(), again],
        FEW: rows(n_volunteers=2),
        EXPERT: [*rows(), expert],
        TWO_TYPES: of_two_types(),
    }
    settings = '[[retirement.rules]]\nkind = "count"\nvotes = 4\n'
    return built_projects.of_workflows({number: (each, []) for number, each in of_workflows.items()}, settings)


def table(built: BuiltProject, name: str, workflow: int) -> pl.DataFrame:
    return zoo_dag.scan(name, built.folder.root, workflow).collect()


def test_what_is_made_from_votes_at_hand_is_what_is_made_from_stored_ones(built):
    votes = by_task(zoo_dag.scan("votes", built.folder.root, TWO_TYPES))
    made = table(built, "task_agreement", TWO_TYPES)
    assert made["task_revision"].unique().len() == 1
    assert made["option"].to_list() == [None, "No", "Yes"]
    assert_frame_equal(made, task_agreement(votes).collect())


def test_skill_is_found_and_weighs(built):
    posteriors = table(built, "question_posteriors", EVERYBODY)
    assert posteriors.height == 2 * N_SUBJECTS
    assert set(posteriors["method"]) == {"dawid_skene"}
    winners = posteriors.filter("wins")
    assert winners["answer"].to_list() == [said(subject, 0) for subject in range(N_SUBJECTS)]
    # Four of six are 0.67 of the votes, and more than that by what the others are known for.
    assert winners["fraction"].to_list() == [4 / 6] * N_SUBJECTS
    assert winners["posterior"].min() > 0.99
    assert winners["posterior"].max() < 1
    assert not posteriors["differs_from_plurality"].any()
    assert posteriors["posterior_calibrated"].null_count() == posteriors.height
    volunteers = table(built, "volunteers", EVERYBODY).sort("user_key")
    assert volunteers["user_key"].to_list() == [f"user:{7000 + number}" for number in range(N_VOLUNTEERS)]
    assert volunteers["n_votes"].to_list() == [N_SUBJECTS] * N_VOLUNTEERS
    assert [skill > 0.9 for skill in volunteers["skill"]] == [True] * 4 + [False] * 2
    assert volunteers["skill"][-1] < 0.1
    # Three of the five others agree, or one.
    assert volunteers["agreement"].to_list() == pytest.approx([3 / 5] * 4 + [1 / 5] * 2)


def test_votes_and_what_is_made_of_them(built):
    """A table of votes, how much volunteers did, how well they agree, and a rule replayed."""
    scan = {name: table(built, name, AGAIN) for name in OF_VOTES}
    votes = scan["votes"]
    assert votes.height == N_SUBJECTS * N_VOLUNTEERS
    assert votes.filter(subject_id=101, user_key="user:7005").select(
        "subject_id", "user_key", "label", "gold"
    ).rows() == [(101, "user:7005", "No", None)]
    assert set(votes["workflow_version"]) == set(table(built, "classifications", AGAIN)["workflow_version"])
    assert scan["volunteer_activity"]["n_classifications"].to_list() == [20, 21, 20, 20, 20, 20]
    assert scan["task_agreement"].select("n_subjects", "n_votes").row(0) == (N_SUBJECTS, N_SUBJECTS * N_VOLUNTEERS)
    retired = scan["retirements"]
    assert set(retired.select("rule", "n_used", "n_votes", "agrees").rows()) == {("count", 4, 6, True)}
    volunteers = table(built, "volunteers", AGAIN).sort("user_key")
    # Their first answer was the other one.
    assert volunteers.select("n_repeats", "self_consistency").rows()[:3] == [(0, None), (1, 0.0), (0, None)]


OF_VOTES = ("votes", "volunteer_activity", "task_agreement", "retirements")


def test_few_votes_are_not_weighed(built):
    posteriors = table(built, "question_posteriors", FEW)
    assert set(posteriors["method"]) == {"plurality"}
    assert set(posteriors["reason"]) == {"Half of the subjects have 2 votes or fewer; dawid_skene needs 3."}
    assert posteriors["posterior"].to_list() == posteriors["fraction"].to_list()
    assert table(built, "volunteers", FEW)["skill"].null_count() == 2


def test_what_experts_say_is_gold_and_no_vote(built):
    of_gold = table(built, "question_posteriors", EXPERT).filter("is_gold")
    assert of_gold.select("answer", "votes", "posterior", "wins", "differs_from_plurality").rows() == [
        ("No", 4, 0.0, False, True),
        ("Yes", 2, 1.0, True, True),
    ]
    volunteers = table(built, "volunteers", EXPERT).sort("user_key")
    assert volunteers["n_gold"].to_list() == [1] * N_VOLUNTEERS
    assert volunteers["gold_accuracy"].to_list() == [0.0] * 4 + [1.0] * 2


def test_another_method_rebuilds_the_posteriors_only(built, folder):
    built.copy(folder)
    files = folder.tables
    before = {name: files.path(TABLES[name], *files.keys(TABLES[name])[:1]).stat().st_mtime_ns for name in STORED}
    (folder.root / "zoo_dag.toml").write_text(
        '[volunteers]\nmethod = "one_coin"\n[[volunteers.overrides]]\ntask = "T0"\nmethod = "agreement_weights"\n'
    )
    run_all(DataFolder(folder.root), Request(()))
    after = {name: files.path(TABLES[name], *files.keys(TABLES[name])[:1]).stat().st_mtime_ns for name in STORED}
    assert {name for name in STORED if before[name] != after[name]} == {
        "question_posteriors",
        "dropdown_posteriors",
        "survey_posteriors",
        "mark_posteriors",
        "volunteers",
        # It has the likeliest answers.
        "subject_summary",
    }
    posteriors = zoo_dag.scan("question_posteriors", folder.root, EVERYBODY).collect()
    assert set(posteriors["method"]) == {"agreement_weights"}


STORED = (
    "classifications",
    "question_consensus",
    "pooled_question_consensus",
    "question_posteriors",
    "dropdown_posteriors",
    "survey_posteriors",
    "mark_posteriors",
    "volunteers",
    "subject_summary",
    "accounting",
)
