"""Gold and predictions find their questions and answers, or a sentence says why not."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from zoo_dag.consensus.units import POOLED
from zoo_dag.errors import SettingsError
from zoo_dag.tables import TABLES
from zoo_dag.task_types.known_answers import AnswerFile, Workflow, known_answers, with_gold, with_predictions
from zoo_dag.task_types.posteriors import WEIGHED

PATH = Path("gold.csv")
QUESTIONS, DROPDOWNS, SURVEYS = ("question_posteriors", "dropdown_posteriors", "survey_posteriors")
# T0 has one answer, in two revisions, T1 several; D0 has two selects; S0 is a survey.
ANSWERED: dict[str, list[dict[str, Any]]] = {
    QUESTIONS: [
        *(
            {
                "task": "T0",
                "task_revision": revision,
                "task_label": "Which?",
                "subject_ids": subject,
                "answer": answer,
            }
            for revision, subject, answer in (
                ("T0@1.1", "1", "Deer"),
                ("T0@1.1", "1", "Fox"),
                ("T0@2.1", "2", "Fox"),
            )
        ),
        *(
            {"task": "T1", "task_revision": "T1@1.1", "subject_ids": "1", "answer": answer, "answer_set_votes": 1}
            for answer in ("Eating; sleeping", "Moving")
        ),
        *(
            {"task": "T9", "task_revision": revision, "task_label": label, "subject_ids": "1", "answer": "Yes"}
            for revision, label in (("T9@1.1", "Is there a bird?"), ("T9@2.1", "Is there a nest?"))
        ),
    ],
    DROPDOWNS: [
        {
            "task": "D0",
            "task_revision": "D0@1.1",
            "subject_ids": "1",
            "select_index": select,
            "option_value": value,
            "option_label": label,
        }
        for select, value, label in ((0, "a1", "Meadow"), (1, "b1", "Spring"))
    ],
    SURVEYS: [
        {
            "task": "S0",
            "task_revision": "S0@1.1",
            "subject_ids": "1",
            "choice_id": "RDDR",
            "choice_label": "Red deer",
        }
    ],
}
OFFERED = [
    {
        "task": "T0",
        "task_revision": "T0@2.1",
        "option_kind": "answer",
        "option_index": 2,
        "option_label": "**Badger**",
    },
    {"task": "S0", "task_revision": "S0@1.1", "option_kind": "choice", "option_id": "HR", "option_label": "Hare"},
]


def rows(table: str, known: list[dict[str, Any]]) -> pl.LazyFrame:
    filled = [{"workflow_id": 11, "workflow_version": "1.1", **row} for row in known]
    names = [name for name in TABLES[table].dtypes if any(name in row for row in filled)]
    frame = pl.DataFrame(filled, schema={name: TABLES[table].dtypes[name] for name in names})
    return pl.concat([TABLES[table].empty(), frame], how="diagonal").lazy()


def workflow(elsewhere: frozenset[str] | None = frozenset()) -> Workflow:
    pooled = {
        consensus.pooled_table: rows(consensus.pooled_table, ANSWERED.get(name, []))
        for name, (consensus, _) in WEIGHED.items()
    }
    offered = [{"option_path": f"{each['option_kind']}s.0", **each} for each in OFFERED]
    subjects = pl.DataFrame({"subject_ids": ["1", "2"]})
    return Workflow(11, pooled, rows("tasks", offered), subjects, elsewhere)


def said(*lines: tuple[str, str, str], workflow_id: int | None = None) -> AnswerFile:
    schema = ["line", "subject_ids", "workflow_id", "task", "answer"]
    data = [
        (number, subject, workflow_id, task, answer) for number, (subject, task, answer) in enumerate(lines, 2)
    ]
    frame = pl.DataFrame(data, schema=schema, orient="row")
    return AnswerFile(PATH, frame.cast({"line": pl.Int64, "workflow_id": pl.Int64}))


NONE = said().rows.cast({"subject_ids": pl.String, "task": pl.String, "answer": pl.String})


def gold(*lines: tuple[str, str, str], **options: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The revision, subject, and what is right, by table."""
    known = known_answers(WEIGHED, workflow(), said(*lines, **options), None, NONE)
    found = {}
    for name, table in known.gold.items():
        naming = WEIGHED[name][1].naming
        assert naming is not None
        columns = [column for column in naming.columns if column != "answer_index"]
        found[name] = table.select("task_revision", "subject_ids", *columns).rows()
    return found


@pytest.mark.parametrize(
    ("line", "table", "right"),
    [
        (("1", "T0", "Deer"), QUESTIONS, [("T0@1.1", "1", "Deer")]),
        # Case, spaces and bold type do not matter, and a position is an answer.
        (("2", "T0", " badger"), QUESTIONS, [("T0@2.1", "2", "**Badger**")]),
        (("2", "T0@2.1", "2"), QUESTIONS, [("T0@2.1", "2", "**Badger**")]),
        # Each revision has the subjects that were asked.
        (("2", "T0", "Fox"), QUESTIONS, [("T0@2.1", "2", "Fox")]),
        (("1", "T1", "Moving; Eating; sleeping"), None, "T1 has no answer `Eating`"),
        (("1", "T1", "Eating; sleeping"), QUESTIONS, [("T1@1.1", "1", "Eating; sleeping")]),
        (("1", "T1", ""), QUESTIONS, [("T1@1.1", "1", None)]),
        (("1", "S0", "RDDR;hare"), SURVEYS, [("S0@1.1", "1", "RDDR", "Red deer"), ("S0@1.1", "1", "HR", "Hare")]),
        (("1", "D0_1", "Spring"), DROPDOWNS, [("D0@1.1", "1", 1, "b1", "Spring", None)]),
        (("1", "D0_0", "a1"), DROPDOWNS, [("D0@1.1", "1", 0, "a1", "Meadow", None)]),
        (("1", "T0", "Deere"), None, "T0 has no answer `Deere`. Did you mean `Deer`?"),
        (("1", "T0", "Walrus"), None, "T0 has no answer `Walrus`. There is `Deer`, `Fox`, `**Badger**`."),
        (("1", "T0", ""), None, "no answer to T0. Write one, or remove the line."),
        (("1", "T00", "Deer"), None, "there is no task `T00` that has answers to vote on. Did you mean T0?"),
        (("1", "D0", "Meadow"), None, "D0 has several selects. Write D0_0, D0_1."),
        (("1", "T9", "Yes"), None, "the question T9 was changed: T9@1.1 asks `Is there a bird?`, T9@2.1 asks"),
        (("1", "T9@2.1", "Yes"), QUESTIONS, [("T9@2.1", "1", "Yes")]),
    ],
)
def test_an_answer_is_found_by_what_it_is_called(
    line: tuple[str, str, str], table: str | None, right: Any
) -> None:
    if table is None:
        with pytest.raises(SettingsError) as problem:
            gold(line)
        assert str(problem.value).startswith("gold.csv, line 2: ")
        assert right in str(problem.value)
    else:
        assert gold(line) == {table: right}


def test_a_subject_has_one_answer_to_a_question() -> None:
    message = "gold.csv, line 3: subject 1 has an answer to T0 in line 2 already. Remove one of them."
    with pytest.raises(SettingsError, match=message):
        gold(("1", "T0", "Deer"), ("1", "T0@1.1", "Fox"))
    with pytest.raises(SettingsError, match="line 3: subject 1 has an answer to T1"):
        gold(("1", "T1", "Moving"), ("1", "T1", ""))
    # Where several may be right, a line for each says the same as one for all.
    assert gold(("1", "T1", "Moving"), ("1", "T1", "Eating; sleeping")) == {
        QUESTIONS: [("T1@1.1", "1", "Moving"), ("T1@1.1", "1", "Eating; sleeping")]
    }


def test_lines_about_other_workflows_are_left_to_them() -> None:
    # The subject was never classified here, or the line is of another workflow.
    assert gold(("77", "T0", "Deer")) == {}
    assert gold(("1", "T0", "Deer"), workflow_id=12) == {}
    other = workflow(frozenset({"T5", "T5@1.1"}))
    known = known_answers(WEIGHED, other, said(("1", "T5", "Yes"), ("77", "T0", "Deer")), None, NONE)
    assert known.gold == {}
    assert known.n_unused == 2
    # A task that is nowhere is a mistake, whatever the subject.
    with pytest.raises(SettingsError, match="there is no task `T6`"):
        gold(("77", "T6", "Deer"))


def test_gold_of_the_team_goes_before_experts_and_experts_before_feedback() -> None:
    own = WEIGHED[QUESTIONS][1]
    known = known_answers(
        WEIGHED,
        workflow(),
        said(("1", "T0", "Deer")),
        None,
        said(("1", "T0", "Fox"), ("2", "T0", "Fox"), ("1", "T1", "Moving"), ("1", "T0", "no such answer")).rows,
    )
    voted = rows(
        "question_annotations",
        [
            {
                "task": task,
                "task_revision": revision,
                "subject_ids": subject,
                "answer": answer,
                "classification_id": number,
            }
            for number, (task, revision, subject, answer) in enumerate(
                [
                    ("T0", "T0@1.1", "1", "Fox"),
                    ("T0", "T0@1.1", "1", "Fox"),
                    ("T1", "T1@1.1", "1", "Eating; sleeping"),
                ]
            )
        ],
    ).with_columns(gold=pl.col("classification_id") > 0)
    found = with_gold(voted, own, known.gold[QUESTIONS], known.feedback[QUESTIONS]).collect()
    known_rows = found.filter("gold").select("task", "subject_ids", "answer", "status", "task_type")
    assert sorted(known_rows.fill_null("-").rows()) == [
        ("T0", "1", "Deer", "answered", "single"),
        ("T0", "2", "Fox", "answered", "single"),
        ("T1", "1", "Eating; sleeping", "-", "-"),
    ]
    assert found.filter(~pl.col("gold")).height == 1
    assert found.filter(pl.col("answer") == "Deer")["classification_id"].item() < -(10**18)


def test_a_machine_says_how_probable_each_answer_is() -> None:
    own = WEIGHED[QUESTIONS][1]
    lines = said(("1", "T0", "Deer"), ("1", "T0", "Badger"), ("1", "T1", "Moving"), ("2", "T0", "Fox"))
    machine = AnswerFile(PATH, lines.rows.with_columns(probability=pl.Series([0.7, 0.2, 0.9, 1.0])))
    known = known_answers(WEIGHED, workflow(), None, machine, NONE)
    unit = {"workflow_id": 11, "parent_task": None, "user_key": "user:1", "gold": False}
    ballots = pl.LazyFrame(
        [
            {
                **unit,
                "task": task,
                "task_revision": f"{task}@1.1",
                "subject_ids": "1",
                "option": option,
                "label": label,
            }
            for task, option, label in (
                ("T0", None, "Deer"),
                ("T1", "Moving", "yes"),
                ("T1", "Eating; sleeping", "no"),
            )
        ],
        schema_overrides={"parent_task": pl.String, "option": pl.String},
    ).with_columns(group="option")
    found = with_predictions(ballots, own, known.predictions[QUESTIONS]).collect()
    machine_says = found.filter(user_key="machine").select("task", "option", "label", "weight")
    # Badger is no answer of this revision. What nobody votes on, such as subject 2 here, does not count.
    assert [(*row[:3], pytest.approx(row[3])) for row in machine_says.sort("task", "option", "label").rows()] == [
        ("T0", None, "Deer", 0.7),
        ("T1", "Eating; sleeping", "no", 1.0),
        ("T1", "Moving", "no", 0.1),
        ("T1", "Moving", "yes", 0.9),
    ]
    assert found["weight"].null_count() == 3
    too_sure = AnswerFile(PATH, machine.rows.with_columns(probability=pl.lit(0.7)))
    fox = AnswerFile(PATH, too_sure.rows.with_columns(answer=pl.col("answer").replace("Badger", "Fox")))
    with pytest.raises(SettingsError, match=r"line 3: the probabilities .* are 1.4 together"):
        known_answers(WEIGHED, workflow(), None, fox, NONE)
    assert set(POOLED.unit) < set(found.columns)
