"""Checks of the pooled stage: consistency, known subjects, and enough classifications."""

from collections.abc import Callable

import polars as pl

from zoo_dag.checks.consensus import evaluate_rules
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.rules import UNIT, Rules, at_most, fractions
from zoo_dag.consensus.task_columns import pattern
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.task_types.subject_votes import ANSWERED, REACHED, SUBJECT_VOTES
from zoo_dag.task_types.summary_columns import summarised
from zoo_dag.wording.sentences import counted, ratio, share, verb

SUMMARY, FRAMES = "subject_summary", "subject_frames"


def is_consistent(consensus: Consensus) -> Callable[[CheckInput], Finding]:
    """A check that the pooled twin of a consensus table is consistent."""

    def evaluate(inputs: CheckInput) -> Finding:
        name = consensus.pooled_table
        return evaluate_rules(inputs.tables[name], {**UNIT, **consensus.rules}, name)

    return evaluate


def summary_is_consistent(inputs: CheckInput) -> Finding:
    """Whether each subject has one row, and all its fractions are between 0 and 1."""
    rows = inputs.tables[SUMMARY]
    # A label of the project may be called as a fraction, and be a text.
    numbers = [name for name, dtype in rows.collect_schema().items() if dtype.is_float()]
    return evaluate_rules(rows, _rules_of_summary(numbers), SUMMARY)


def _rules_of_summary(columns: list[str]) -> Rules:
    """The rules of `subject_summary`, whose columns depend on the tasks of the workflow."""
    endings = [
        pattern(ending)
        for each in summarised()
        for ending, column in each.columns.columns.items()
        if column.is_share
    ]
    return {
        "a subject has one row": pl.col("subject_ids").is_duplicated(),
        **at_most("n_volunteers", "n_classifications"),
        **fractions(*(name for name in columns if any(ending.fullmatch(name) for ending in endings))),
    }


def frames_are_consistent(inputs: CheckInput) -> Finding:
    """Whether each frame of a subject has one row, with a size."""
    rules: Rules = {
        "a frame has one row": pl.struct("subject_id", "frame").is_duplicated(),
        "a frame has a size": ~((pl.col("width") > 0) & (pl.col("height") > 0)).fill_null(value=False),
        "a classification saw it": pl.col("n_classifications") < 1,
    }
    return evaluate_rules(inputs.tables[FRAMES], rules, FRAMES)


def votes_are_consistent(inputs: CheckInput) -> Finding:
    """Whether each subject has one row, fractions are between 0 and 1, and no more answered than were asked."""
    rows = inputs.tables[SUBJECT_VOTES]
    schema = rows.collect_schema()
    questions = [name.removesuffix(f"_{ANSWERED}") for name in schema if name.endswith(f"_{ANSWERED}")]
    of_questions = [at_most(f"{question}_{ANSWERED}", f"{question}_{REACHED}") for question in questions]
    rules: Rules = {
        "a subject has one row": pl.col("subject_ids").is_duplicated(),
        **fractions(*(name for name, dtype in schema.items() if dtype.is_float())),
        **{statement: broken for each in of_questions for statement, broken in each.items()},
    }
    return evaluate_rules(rows, rules, SUBJECT_VOTES)


def classifications_count_once(inputs: CheckInput) -> Finding:
    """Whether each classification of the workflow is in one version only. Otherwise its votes count twice."""
    ids = inputs.tables["classifications"].select("classification_id", "workflow_version")
    one = pl.col("classification_id")
    rows, different = ids.select(pl.len(), one.n_unique().alias("different")).collect().row(0)
    numbers = {"classifications": rows, "in another version too": rows - different}
    if rows == different:
        return Finding(f"{counted(rows, 'classifications')}, each in one version.", numbers)
    twice = ids.group_by("classification_id").agg(versions=pl.col("workflow_version").sort().str.join(", "))
    twice = twice.filter(pl.col("versions").str.contains(", ", literal=True))
    repeated = rows - different
    return Finding(
        f"{share(repeated, rows, 'classifications')} {verb(repeated, 'is', 'are')} in another version too, and "
        f"{verb(repeated, 'counts', 'count')} twice.",
        numbers,
        passed=False,
        is_error=True,
        advice="This is a fault of zoo_dag: please report it. Importing the exports again with --replace repairs "
        "the tables.",
        examples=twice.sort("classification_id").head(5).collect(),
    )


def subjects_are_known(inputs: CheckInput) -> Finding:
    """Whether the subjects export has nearly all classified subjects, in this workflow or in another one.

    Subjects whose set was unlinked from the workflow are counted, but do not warn: the user cannot change that.
    """
    known = inputs.tables["subjects"].select("subject_id").unique().with_columns(anywhere=pl.lit(True))
    ids = pl.col("subject_ids").str.split(";")
    classified = inputs.tables[SUMMARY].select("subject_known", subject_id=ids).explode("subject_id")
    classified = classified.with_columns(pl.col("subject_id").cast(pl.Int64))
    joined = classified.join(known, on="subject_id", how="left", maintain_order="left")
    nowhere = pl.col("anywhere").is_null()
    counts = joined.select(
        subjects=pl.len(), nowhere=nowhere.sum(), unlinked=(~nowhere & ~pl.col("subject_known")).sum()
    )
    exported, collected = pl.collect_all([known.select(pl.len()), counts])
    total, wrong, unlinked = collected.row(0)
    numbers = {
        "subjects": total,
        "not in the subjects export": wrong,
        "not linked to the workflow": unlinked,
        "share not in the subjects export": ratio(wrong, total),
    }
    if not exported.item():
        return Finding("Not compared: no subjects export was imported.", {"subjects": total})
    sentence = f"Not in the subjects export: {share(wrong, total, 'classified subjects')}."
    if unlinked:
        sentence += f" In it, but no longer linked to this workflow and so without URLs: {unlinked:,}."
    if ratio(wrong, total) <= inputs.limits.unknown_subjects:
        return Finding(sentence, numbers)
    examples = joined.filter(nowhere).select("subject_id").unique().sort("subject_id").head(5)
    return Finding(
        sentence,
        numbers,
        passed=False,
        advice="They have no URLs. Download the subjects export again and import it: it is older than the "
        "classifications, or from another project. Subjects removed from all sets stay unknown.",
        examples=examples.collect(),
    )


def most_subjects_have_enough(inputs: CheckInput) -> Finding:
    """Whether most subjects have the number of classifications that the settings require."""
    needed = inputs.settings.agreement.min_classifications
    number = pl.col("n_classifications")
    counts = inputs.tables[SUMMARY].select(
        pl.len(), (number >= needed).sum().alias("enough"), number.median().alias("median")
    )
    total, enough, median = counts.collect().row(0)
    numbers = {
        "subjects": total,
        "with enough classifications": enough,
        "share with enough": ratio(enough, total),
        "median classifications": float(median or 0),
    }
    sentence = f"With {needed} or more classifications that count: {share(enough, total, 'subjects')}."
    if not total or ratio(enough, total) >= inputs.limits.enough_subjects:
        return Finding(sentence, numbers)
    return Finding(
        sentence,
        numbers,
        passed=False,
        advice="The consensus of the others rests on fewer. Wait for more classifications, or "
        f"take only subjects with n_classifications >= {needed}.",
    )
