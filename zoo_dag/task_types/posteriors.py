"""Posteriors beside the consensus, for the task types that have votes: weighed by the skill of volunteers."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from zoo_dag.consensus.subject_ranges import SubjectRange
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.volunteers import Method
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import voting
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.codebook import Naming
from zoo_dag.task_types.declaration import Annotations, Consensus, Posteriors
from zoo_dag.task_types.known_answers import NOTHING_KNOWN, KnownAnswers, with_gold, with_predictions
from zoo_dag.volunteers.ballots import NO, YES, plain, with_categories
from zoo_dag.volunteers.posteriors import Weighing
from zoo_dag.volunteers.repeats import self_consistency

# By table of posteriors the task type, and how its votes are weighed.
WEIGHED: Mapping[str, tuple[Consensus, Posteriors]] = {
    each.posteriors.table: (each, each.posteriors) for each in consensus_types() if each.posteriors
}
# Those of answers; what people marked is no answer that can be given again, or alone.
OF_ANSWERS = tuple(table for table, (_, declared) in WEIGHED.items() if declared.naming)
VOLUNTEERS, VOTES = "volunteers", "votes"


def ballots_of_subjects(
    table: str,
    annotations: Annotations,
    tasks: pl.LazyFrame,
    settings: Settings,
    known: KnownAnswers = NOTHING_KNOWN,
) -> Callable[[SubjectRange], pl.LazyFrame]:
    """A function that makes the ballots on a range of subjects, for a table of posteriors.

    Takes all rows of its flattened tables in the pool, and its pooled consensus, by their names.
    """
    consensus, declared = WEIGHED[table]
    flattened = {name: annotations[name] for name in consensus.inputs}
    rows = voting(consensus, flattened, tasks, POOLED, settings)
    source = consensus.sources[0]
    rows = {
        **rows,
        source: with_gold(rows[source], declared, known.gold.get(table), known.feedback.get(table)),
        consensus.pooled_table: annotations[consensus.pooled_table],
    }

    def ballots(subjects: SubjectRange) -> pl.LazyFrame:
        # The others are decided over all subjects.
        of_these = {name: subjects.of(each) if name in annotations else each for name, each in rows.items()}
        made = declared.ballots(of_these, tasks, POOLED)
        return with_predictions(made, declared, known.predictions.get(table))

    return ballots


def method_of(settings: Settings) -> Callable[[Mapping[str, Any]], Method]:
    """The method for a task, from the columns that identify it."""
    return lambda task: settings.volunteers.method_of(task["workflow_id"], task["task"])


def posteriors_table(table: str, pooled: pl.LazyFrame, tasks: pl.LazyFrame, weighing: Weighing) -> pl.LazyFrame:
    """The table of posteriors: rows of the pooled consensus that have votes, with their posteriors.

    Of a question with one answer the one with the largest posterior wins, in a tie the one that is first in the
    consensus. Where several may be chosen, those win that are more probable than not. What is the likeliest
    without a vote, such as the gold of a subject that nobody recognised, has a row too.
    """
    _, declared = WEIGHED[table]
    question = [*POOLED.unit, "option"]
    # Where only equality counts, several texts take much longer than one number.
    numbers = {"_answer": pl.struct(*question, "label").hash(), "_question": pl.struct(question).hash()}
    voted = pooled.with_row_index("place").with_columns(several=declared.several)
    voted = voted.with_columns(option=declared.option.cast(pl.String), label=declared.label).with_columns(
        **numbers
    )
    posteriors = weighing.posteriors.with_columns(**numbers)
    of_votes = posteriors.lazy().select(pl.exclude(*question, "label", "_question"))
    rows = voted.join(of_votes, on="_answer", maintain_order="left")
    is_likeliest = pl.col("posterior") == pl.col("posterior").max().over("_question")
    # A no to one of several options is no answer.
    is_answer = pl.col("option").is_null() | (pl.col("label") != NO)
    missing = posteriors.lazy().filter(is_likeliest, is_answer).join(voted, on="_answer", how="anti").collect()
    if declared.naming and missing.height:
        unvoted = _without_votes(declared, declared.naming, voted, tasks, missing.lazy())
        rows = pl.concat([rows, unvoted], how="diagonal").sort("place", maintain_order=True)
    rows = rows.with_row_index("row")
    is_yes = pl.col("label") == YES
    posterior, votes = pl.col("posterior"), pl.col(declared.votes)
    # One window after the other: one within another is slow.
    has_largest = posterior == posterior.max().over("_question")
    rows = rows.with_columns(_largest=pl.when(has_largest).then("row"))
    likeliest = pl.col("_largest").min().over("_question")
    rows = rows.with_columns(
        wins=pl.when(is_yes).then(posterior > 0.5).otherwise(pl.col("row") == likeliest),
        has_most=votes == votes.max().over("_question"),
    )
    differs = (
        pl.when(is_yes)
        .then(pl.col("wins") != (pl.col(declared.fraction) > 0.5))
        .otherwise(~(pl.col("wins") & pl.col("has_most")).any().over("_question"))
    )
    return TABLES[table].conform(rows.with_columns(differs_from_plurality=differs))


def _without_votes(
    declared: Posteriors, naming: Naming, voted: pl.LazyFrame, tasks: pl.LazyFrame, missing: pl.LazyFrame
) -> pl.LazyFrame:
    """The `missing` answers, which nobody gave, as rows of the consensus below those of their units."""
    unit, defined = POOLED.unit, [*POOLED.defined, "option", "label"]
    several = voted.group_by(POOLED.defined).agg(pl.col("several").max())
    offered = naming.offered(tasks).join(several, on=POOLED.defined)
    offered = offered.with_columns(option=declared.option.cast(pl.String), label=declared.label)
    columns = [*defined, *naming.columns]
    options = pl.concat([voted.select(columns), offered.select(columns)], how="vertical_relaxed")
    options = options.unique(defined, keep="first", maintain_order=True)
    units = voted.group_by(unit).agg(pl.col("place").max(), pl.col("task_label", "subject_id").first())
    none = {declared.votes: pl.lit(0, pl.Int64), declared.fraction: pl.lit(0.0)}
    return (
        missing.join(options, on=defined, nulls_equal=True)
        .join(units, on=unit, nulls_equal=True)
        .with_columns(**none)
        .sort("place", "option", "label")
    )


def volunteers_table(
    weighings: Mapping[str, Weighing], pooled: Mapping[str, pl.LazyFrame], repeats: Mapping[str, pl.LazyFrame]
) -> pl.LazyFrame:
    """The volunteers of all task types.

    `pooled` are their pooled consensus tables, and `repeats` what `repeated` returns, by table of posteriors of
    answers.
    """
    table = TABLES[VOLUNTEERS]
    task = list(POOLED.task)
    parts = [table.empty().lazy()]
    for name, weighing in weighings.items():
        labels = pooled[name].group_by(task).agg(pl.col("task_label").max())
        skills = weighing.skills.lazy().join(labels, on=task, how="left", nulls_equal=True, maintain_order="left")
        person = [*task, "user_key"]
        if name in repeats:
            skills = skills.join(repeats[name], on=person, how="left", nulls_equal=True, maintain_order="left")
        else:
            skills = skills.with_columns(n_repeats=pl.lit(0), self_consistency=pl.lit(None, pl.Float64))
        field = pl.element().struct.field
        as_read = pl.struct(plain(field("truth")), plain(field("answer")), field("probability"))
        confusion = pl.col("confusion").list.eval(as_read)
        parts.append(table.conform(skills.with_columns(pl.col("n_repeats").fill_null(0), confusion)))
    return pl.concat(parts)


def repeated(table: str, annotations: Annotations, tasks: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    """How consistent volunteers are with themselves (`zoo_dag.volunteers.repeats`), for a table of posteriors.

    Takes what `ballots_of_subjects` takes.
    """
    consensus, declared = WEIGHED[table]
    person, id_ = ["user_key", "subject_ids"], pl.col("classification_id")
    # Few people see a subject twice: only what they said of it is looked at.
    rows = pl.concat(annotations[name].select(*person, id_, "excluded") for name in consensus.sources)
    if settings.exclusion.repeat == "all":
        again = (
            rows.filter(pl.col("excluded").is_null())
            .group_by(person)
            .agg(n=id_.n_unique())
            .filter(pl.col("n") > 1)
        )
    else:
        again = rows.filter(pl.col("excluded") == "repeat")
    number = pl.struct(person).hash()
    people = again.select(number).unique().collect().to_series()
    # As if they counted.
    counts = pl.col("excluded").is_null() | (pl.col("excluded") == "repeat")
    of_these = {
        name: rows.filter(counts, number.is_in(people.implode()))
        .with_columns(excluded=pl.lit(None, pl.String))
        .collect()
        .lazy()
        for name, rows in annotations.items()
    }
    said = voting(consensus, of_these, tasks, POOLED, settings)
    return self_consistency(declared.ballots(said, tasks, POOLED), POOLED.task).collect().lazy()


def votes_of_tasks(
    weighings: Mapping[str, Weighing], pooled: Mapping[str, pl.LazyFrame]
) -> list[tuple[dict[str, Any], pl.LazyFrame]]:
    """The tasks with votes, each with its label, and their votes: rows of `votes`, texts as categories.

    Takes what `volunteers_table` takes.
    """
    task = list(POOLED.task)
    tasks = []
    for name, weighing in weighings.items():
        declared = WEIGHED[name][1]
        option = declared.option.cast(pl.String).alias("option")
        known = (
            pooled[name]
            .with_columns(several=declared.several)
            .group_by(*task, option)
            .agg(
                pl.col("task_label").max(),
                option_label=declared.option_label.max(),
                of_several=pl.col("several").any() & option.is_not_null().any(),
            )
            .collect()
        )
        for record, votes in zip(weighing.records, weighing.votes, strict=True):
            of_task = known.filter(pl.col(each).eq_missing(record[each]) for each in task)
            options = with_categories(of_task.lazy().drop(task))
            rows = votes.join(options, on="option", how="left", nulls_equal=True, maintain_order="left")
            # Of an option that the consensus does not have, the task is known all the same.
            constants = [pl.lit(record[each], known.schema[each]).alias(each) for each in task]
            subject = pl.col("subject_ids").cast(pl.String).cast(pl.Int64, strict=False)
            rows = rows.with_columns(*constants, subject_id=subject)
            # Only experts, or a machine, may have said anything.
            for label in rows.select(pl.col("task_label").cast(pl.String)).limit(1).collect().to_series():
                tasks.append(({**{each: record[each] for each in task}, "task_label": label}, rows))
    return tasks
