"""`zoo-dag ask`: sentences, tables, JSON and files, from stored tables."""

from pathlib import Path

import orjson
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tests.volunteers.vote_rows import vote_rows
from zoo_dag.cli.main import main
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.task_types.posteriors import WEIGHED
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.task_agreement import task_agreement

RULES = '[[retirement.rules]]\nkind = "count"\nvotes = 3\n'
# Six votes on each of ten subjects; of the last two the last three say otherwise.
VOTES = [
    (str(subject), who, "b" if subject > 7 and who > "c" else "a") for subject in range(10) for who in "abcdef"
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables as a run would have stored them."""
    folder = tmp_path_factory.mktemp("data")
    files = TableFiles(folder / "tables")
    votes = vote_rows(VOTES, gold={"8": "b", "0": "a"})
    stored = {"votes": votes, "task_agreement": task_agreement(by_task(votes)), "volunteer_activity": people()}
    stored |= {name: TABLES[name].empty().lazy() for name in WEIGHED} | {"question_posteriors": posteriors()}
    for name, rows in stored.items():
        files.publish(TABLES[name], rows, {DATA_VERSION: "1"}, "11")
    (folder / "zoo_dag.toml").write_text(RULES, encoding="utf-8")
    return folder


def of_table(name: str, rows: list[dict[str, object]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=TABLES[name].dtypes).lazy()


def people() -> pl.LazyFrame:
    ann = {"user_key": "user:1", "user_name": "=ann", "n_people": 1, "n_classifications": 40}
    others = {"user_key": "anonymous", "user_name": None, "n_people": 3, "n_classifications": 20}
    return of_table("volunteer_activity", [{"workflow_id": 11, **each} for each in (ann, others)])


def posteriors() -> pl.LazyFrame:
    task = {"workflow_id": 11, "parent_task": None, "task": "T0", "task_revision": "T0@1.1"}
    rows = [
        {
            **task,
            "subject_id": subject,
            "subject_ids": str(subject),
            "answer": answer,
            "votes": votes,
            "fraction": votes / n,
            "posterior": posterior,
            "wins": posterior > 0.5,
            "differs_from_plurality": False,
            "is_gold": subject == 3,
        }
        for subject, n, posterior_of_a in ((1, 10, 0.6), (2, 4, 0.7), (3, 10, 0.6), (4, 10, 0.99))
        for answer, votes, posterior in (("a", n // 2 + 1, posterior_of_a), ("b", n // 2 - 1, 1 - posterior_of_a))
    ]
    return of_table("question_posteriors", rows)


def ask(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["ask", *arguments, "--data", str(data)])


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "rules",
            "rules, T0 of workflow 11 since 1.1: 50 % of 60 votes would be saved, and 100 % of the subjects have "
            "the answer of all votes. On 2 gold subjects the accuracy is 0.500, and 0.500 with all votes.",
        ),
        (
            "agreement",
            "Of 1 task volunteers agree reliably on 0 (alpha of 0.8 and more), tentatively on 0 (0.667 and more), "
            "and less on 1: T0 of workflow 11 since 1.1.",
        ),
        ("versions", "Nothing can be compared: no subject has votes of several versions of a task."),
        (
            "triage",
            "2 answers of 3 that are not certain have an expected loss of more than 0.2: 1 need more votes, and 1 "
            "an expert.",
        ),
        (
            "credits",
            "1 volunteer with a name made 40 classifications. 20 more are by at most 3 people who were not logged "
            "in.",
        ),
    ],
)
def test_the_answer_begins_with_a_sentence(data: Path, question: str, sentence: str) -> None:
    answered = ask(data, question)
    assert answered.exit_code == 0, answered.output
    assert answered.stdout.splitlines()[0] == sentence


def test_how_many_are_enough(data: Path) -> None:
    answered = ask(data, "enough", "--task", "T0", "--json")
    found = orjson.loads(answered.stdout)
    assert found["answer"][0].startswith("T0 of workflow 11 since 1.1: ")
    assert [row["n_votes"] for row in found["rows"]] == [1, 2, 3, 4, 5, 6]
    assert found["rows"][-1]["same"] == 1
    assert {row["n_gold"] for row in found["rows"]} == {2}


def test_all_rows_go_to_a_file(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "thanks.csv"
    answered = ask(data, "credits", "--to", str(target))
    assert "1 row of credits" in answered.stderr
    # A spreadsheet would run a name that begins with an equals sign.
    assert pl.read_csv(target).select("user_name", "n_classifications").rows() == [("'=ann", 40)]
    rows = orjson.loads(ask(data, "triage", "--json").stdout)["rows"]
    assert [(row["subject_id"], row["answer"], row["n_votes"], row["needs"]) for row in rows] == [
        (1, "a", 10, "an expert"),
        (2, "a", 4, "more votes"),
        (4, "a", 10, "an expert"),
    ]
    assert rows[0]["expected_loss"] == pytest.approx(0.4)


def test_problems_are_sentences(data: Path, tmp_path: Path) -> None:
    unknown = ask(data, "agreement", "--task", "T9")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "Error: The table task_agreement has no task T9. It has T0.\n",
    )
    (tmp_path / "zoo_dag.toml").write_text("", encoding="utf-8")
    without = ask(tmp_path, "rules")
    assert without.exit_code == 2
    assert without.stderr.startswith("Error: There are no rules: write them into zoo_dag.toml")
    assert "does not exist yet" in ask(tmp_path, "enough").stderr
