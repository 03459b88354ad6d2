"""What is known beside the votes: gold of the team and of training feedback, and the predictions of a machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.errors import SettingsError
from zoo_dag.tables import TABLES
from zoo_dag.task_types.codebook import Codebook, Options, Problem, Question, questions_of, unknown_task
from zoo_dag.task_types.declaration import Consensus, Posteriors
from zoo_dag.volunteers.answer_files import require_sums
from zoo_dag.volunteers.ballots import MACHINE, NO, YES, with_categories

# By table of posteriors.
Frames = Mapping[str, pl.DataFrame]
# Ids of classifications that there are none: below those of exports without ids.
_FIRST_ID = -(1 << 62)


class AnswerFile(NamedTuple):
    """A file of the team: where it is, and what `zoo_dag.volunteers.answer_files` read from it."""

    path: Path
    rows: pl.DataFrame


class Workflow(NamedTuple):
    """A workflow whose votes are weighed: its pooled consensus by table, `tasks`, and the subjects it showed.

    `subjects` have `subject_ids`. `elsewhere` are the keys and revisions of the tasks of the other workflows; None
    where some are not known.
    """

    workflow_id: int
    pooled: Mapping[str, pl.LazyFrame]
    tasks: pl.LazyFrame
    subjects: pl.DataFrame
    elsewhere: frozenset[str] | None

    def is_elsewhere(self, name: str) -> bool:
        """Whether another workflow may have such a task."""
        names = {name, name.rpartition("_")[0], name.partition(".")[2]}
        return self.elsewhere is None or bool(names & self.elsewhere)


class KnownAnswers(NamedTuple):
    """What is known about the subjects of a workflow, by table of posteriors.

    All have the columns of a unit of the pool, those of `Naming.columns`, `several: Boolean`, `is_blank: Boolean`,
    whether nothing is right, and `line: Int64`; predictions have `probability: Float64`. `n_unused` are the lines
    that say nothing about votes of this workflow: nobody was asked about the subject, or in another workflow.
    """

    gold: Frames
    feedback: Frames
    predictions: Frames
    n_unused: int = 0


NOTHING_KNOWN = KnownAnswers({}, {}, {})


def known_answers(
    declared: Mapping[str, tuple[Consensus, Posteriors]],
    workflow: Workflow,
    gold: AnswerFile | None,
    predictions: AnswerFile | None,
    feedback: pl.DataFrame,
) -> KnownAnswers:
    """Find the questions and the answers of all files in a workflow.

    `feedback` has the columns of `answer_files.read_gold`. Raises SettingsError for the first line of a file whose
    task or answer does not exist, and for a subject that has two answers to a question.
    """
    finder = _Finder(declared, workflow)
    of_gold = finder.of_file(gold)
    for name, rows in of_gold.items():
        if gold:
            _require_one_answer(gold.path, rows, declared[name][1])
    of_machine = finder.of_file(predictions)
    for name, rows in of_machine.items():
        if predictions:
            require_sums(predictions.path, rows.filter(~pl.col("several")), _question(declared[name][1]))
    n_unused = sum(
        file.rows.height - len({line for rows in used.values() for line in rows["line"]})
        for file, used in ((gold, of_gold), (predictions, of_machine))
        if file
    )
    return KnownAnswers(of_gold, finder.of_rows(finder.own(feedback), None), of_machine, n_unused)


class _Finder:
    """Finds what lines of files are about."""

    def __init__(self, declared: Mapping[str, tuple[Consensus, Posteriors]], workflow: Workflow) -> None:
        self._workflow = workflow
        self._declared = {name: each for name, each in declared.items() if each[1].naming}
        self._questions = [
            question
            for name, (consensus, own) in self._declared.items()
            if own.naming
            for question in questions_of(
                name, own.naming, own.several, workflow.pooled[consensus.pooled_table], workflow.tasks
            )
        ]
        self._book = Codebook(self._questions)

    def own(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows about subjects of the workflow."""
        of_workflow = pl.col("workflow_id").is_null() | (pl.col("workflow_id") == self._workflow.workflow_id)
        return rows.filter(of_workflow).join(self._workflow.subjects, on="subject_ids", how="semi")

    def of_file(self, file: AnswerFile | None) -> dict[str, pl.DataFrame]:
        """The rows of a file by table. Raises SettingsError."""
        if file is None:
            return {}
        for task, line in file.rows.group_by("task", maintain_order=True).agg(pl.col("line").min()).iter_rows():
            if task not in self._book.tasks and not self._workflow.is_elsewhere(task):
                raise _problem(file, line, unknown_task(task, self._book.tasks))
        return self.of_rows(self.own(file.rows), file)

    def of_rows(self, rows: pl.DataFrame, file: AnswerFile | None) -> dict[str, pl.DataFrame]:
        """Rows by table. Raises SettingsError for those of a file; what is unknown of others is left out."""
        found: list[tuple[str, str, Question, Options]] = []
        pairs = rows.group_by("task", "answer", maintain_order=True).agg(pl.col("line").min())
        for task, answer, line in pairs.iter_rows():
            questions = self._book.find(task, answer)
            if not isinstance(questions, Problem):
                found += [(task, answer, *each) for each in questions]
            elif file and (task in self._book.tasks or not self._workflow.is_elsewhere(task)):
                raise _problem(file, line, questions)
        tables = {name: self._of_table(name, rows, found) for name in self._declared}
        return {name: table for name, table in tables.items() if table.height}

    def _of_table(
        self, name: str, rows: pl.DataFrame, found: Sequence[tuple[str, str, Question, Options]]
    ) -> pl.DataFrame:
        consensus, own = self._declared[name]
        columns = own.naming.columns if own.naming else ()
        part = own.naming.part if own.naming else None
        types = TABLES[consensus.pooled_table].dtypes
        schema = {
            "said task": pl.String(),
            "said": pl.String(),
            **{column: types[column] for column in (*POOLED.task, *columns)},
            "several": pl.Boolean(),
            "is_blank": pl.Boolean(),
        }
        meant = [
            {
                "said task": task,
                "said": answer,
                **dict(zip(POOLED.task, question.task, strict=True)),
                **({part: question.part} if part else {}),
                "several": question.several,
                "is_blank": not options,
                **option,
            }
            for task, answer, question, options in found
            if question.table == name
            for option in (options or [{}])
        ]
        units = self._workflow.pooled[consensus.pooled_table].select(POOLED.unit).unique().collect()
        said = rows.rename({"task": "said task", "answer": "said"}).drop("workflow_id")
        joined = said.join(pl.DataFrame(meant, schema=schema), on=["said task", "said"], maintain_order="left")
        of_units = joined.join(units, on=POOLED.unit, how="semi", nulls_equal=True)
        return of_units.drop("said task", "said")


def _question(own: Posteriors) -> list[str]:
    part = own.naming.part if own.naming else None
    return [*POOLED.unit, *([part] if part else [])]


def _problem(file: AnswerFile, line: int, problem: Problem) -> SettingsError:
    return SettingsError(f"{file.path}, line {line}: {problem.sentence}")


def _require_one_answer(path: Path, rows: pl.DataFrame, own: Posteriors) -> None:
    """Raise SettingsError where a subject has two answers to a question, or one of several twice."""
    question = _question(own)
    options = [name for name in (own.naming.columns if own.naming else ()) if name not in question]
    # Nothing and something cannot both be right.
    is_one = ~pl.col("several") | pl.col("is_blank").any().over(question)
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in options]
    lines = rows.with_columns(one=pl.when(~is_one).then(pl.concat_str(texts, separator="\x1f")))
    twice = lines.group_by([*question, "one"], maintain_order=True).agg(pl.col("line").unique().sort())
    twice = twice.filter(pl.col("line").list.len() > 1).sort(pl.col("line").list.get(1, null_on_oob=True))
    if twice.height:
        row = twice.row(0, named=True)
        first, second, *_ = row["line"]
        raise SettingsError(
            f"{path}, line {second}: subject {row['subject_ids']} has an answer to {row['task']} in line {first} "
            "already. Remove one of them."
        )


def with_gold(
    rows: pl.LazyFrame, own: Posteriors, gold: pl.DataFrame | None, feedback: pl.DataFrame | None
) -> pl.LazyFrame:
    """Rows that vote, and what is known to be right as rows like those of experts.

    Takes what `aggregation.voting` returns for the flattened table. Gold of the team takes the place of what
    experts said of a subject, and that the place of training feedback.
    """
    question = _question(own)
    if gold is not None:
        stated = gold.lazy().select(question)
        experts = rows.filter("gold").join(stated, on=question, how="anti", nulls_equal=True)
        rows = pl.concat([rows.filter(~pl.col("gold")), experts, _rows_of(gold, own, rows)], how="diagonal")
    if feedback is not None:
        stated = rows.filter("gold").select(question)
        unknown = feedback.lazy().join(stated, on=question, how="anti", nulls_equal=True)
        rows = pl.concat([rows, _rows_of(unknown, own, rows)], how="diagonal")
    return rows


def _rows_of(known: pl.DataFrame | pl.LazyFrame, own: Posteriors, rows: pl.LazyFrame) -> pl.LazyFrame:
    """What is known as rows of the flattened table."""
    columns = own.naming.columns if own.naming else ()
    types = rows.collect_schema()
    task_type = pl.when(pl.col("several")).then(pl.lit("multiple")).otherwise(pl.lit("single"))
    # All lines about a question are one answer.
    first = pl.col("line").min().over(POOLED.unit)
    made = known.lazy().select(
        *POOLED.unit,
        *columns,
        classification_id=first + _FIRST_ID,
        task_type=task_type,
        status=pl.when("is_blank").then(pl.lit("blank")).otherwise(pl.lit("answered")),
        gold=pl.lit(value=True),
    )
    return made.cast({name: dtype for name, dtype in types.items() if name in made.collect_schema()})


def with_predictions(ballots: pl.LazyFrame, own: Posteriors, predictions: pl.DataFrame | None) -> pl.LazyFrame:
    """Ballots, and those of a machine: each label has its probability as weight.

    Where several answers may be right, a machine says yes and no to each, and what it does not mention is a no.
    Only what people vote on counts.
    """
    if predictions is None:
        return ballots
    ballots = with_categories(ballots)
    rows = with_categories(predictions.lazy().with_columns(option=own.option.cast(pl.String), label=own.label))
    question = [*POOLED.unit, "option"]
    one = rows.filter(~pl.col("several")).select(*question, "label", weight="probability")
    one = one.with_columns(group=pl.col("option")).join(ballots, on=question, how="semi", nulls_equal=True)
    each = rows.filter("several")
    voted = ballots.select(*question, "group").unique()
    asked = voted.join(each, on=POOLED.unit, how="semi", nulls_equal=True)
    probable = asked.join(each.select(*question, "probability"), on=question, how="left", nulls_equal=True)
    yes = pl.col("probability").fill_null(0.0)
    several = [
        probable.select(*question, "group", label=pl.lit(label, pl.Categorical()), weight=weight)
        for label, weight in ((YES, yes), (NO, 1 - yes))
    ]
    machine = pl.concat([one, *several], how="diagonal").filter(pl.col("weight") > 0)
    machine = machine.with_columns(user_key=pl.lit(MACHINE, pl.Categorical()), gold=pl.lit(value=False))
    return pl.concat([ballots.with_columns(weight=pl.lit(None, pl.Float64)), machine], how="diagonal")
