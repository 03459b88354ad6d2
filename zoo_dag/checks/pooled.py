"""Checks of the pooled stage: subjects, counts of the server, and enough classifications."""

from collections.abc import Callable

import polars as pl

from zoo_dag.checks.consensus import holds
from zoo_dag.checks.finding import Finding, Given
from zoo_dag.consensus.rules import UNIT, Rules, at_most, fractions
from zoo_dag.consensus.task_columns import pattern
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.wording.sentences import counted, ratio, share

SUMMARY = "subject_summary"


def is_consistent(consensus: Consensus) -> Callable[[Given], Finding]:
    """A check that the numbers of the pooled twin of a consensus table hold."""

    def look(given: Given) -> Finding:
        name = consensus.pooled_table
        return holds(given.tables[name], {**UNIT, **consensus.rules}, name)

    return look


def summary_is_consistent(given: Given) -> Finding:
    """Whether each subject has one row, and all its fractions are between 0 and 1."""
    rows = given.tables[SUMMARY]
    return holds(rows, _rules_of_summary(rows.collect_schema().names()), SUMMARY)


def _rules_of_summary(columns: list[str]) -> Rules:
    """The rules of `subject_summary`, whose columns depend on the tasks of the workflow."""
    endings = [
        pattern(ending)
        for consensus in consensus_types()
        for ending, column in consensus.task_columns.columns.items()
        if column.is_share
    ]
    return {
        "a subject has one row": pl.col("subject_ids").is_duplicated(),
        **at_most("n_volunteers", "n_classifications"),
        **fractions(*(name for name in columns if any(ending.fullmatch(name) for ending in endings))),
    }


def classifications_count_once(given: Given) -> Finding:
    """Whether each classification of the workflow is in one version only, so that no vote counts twice."""
    ids = given.tables["classifications"].select("classification_id", "workflow_version")
    one = pl.col("classification_id")
    rows, different = ids.select(pl.len(), one.n_unique().alias("different")).collect().row(0)
    numbers = {"classifications": rows, "in another version too": rows - different}
    if rows == different:
        return Finding(f"{counted(rows, 'classifications')}, each in one version.", numbers)
    twice = ids.group_by("classification_id").agg(versions=pl.col("workflow_version").sort().str.join(", "))
    twice = twice.filter(pl.col("versions").str.contains(", ", literal=True))
    return Finding(
        f"{share(rows - different, rows, 'classifications')} are in another version too, and count twice.",
        numbers,
        passed=False,
        grave=True,
        advice="This is a fault of zoo_dag: please report it. Importing the exports again with --replace mends "
        "the tables.",
        examples=twice.sort("classification_id").head(5).collect(),
    )


def subjects_are_known(given: Given) -> Finding:
    """Whether the subjects export has nearly all subjects that were classified, be it in another workflow.

    Subjects whose set was unlinked from the workflow are counted, but no reason to warn: nothing can be done.
    """
    known = given.tables["subjects"].select("subject_id").unique().with_columns(anywhere=pl.lit(True))
    ids = pl.col("subject_ids").str.split(";")
    classified = given.tables[SUMMARY].select("subject_known", subject_id=ids).explode("subject_id")
    classified = classified.with_columns(pl.col("subject_id").cast(pl.Int64))
    found = classified.join(known, on="subject_id", how="left", maintain_order="left")
    nowhere = pl.col("anywhere").is_null()
    counts = found.select(
        subjects=pl.len(), nowhere=nowhere.sum(), unlinked=(~nowhere & ~pl.col("subject_known")).sum()
    )
    exported, of = pl.collect_all([known.select(pl.len()), counts])
    whole, wrong, unlinked = of.row(0)
    numbers = {
        "subjects": whole,
        "not in the subjects export": wrong,
        "not linked to the workflow": unlinked,
        "share not in the subjects export": ratio(wrong, whole),
    }
    if not exported.item():
        return Finding("Not compared: no subjects export was imported.", {"subjects": whole})
    sentence = f"Not in the subjects export: {share(wrong, whole, 'classified subjects')}."
    if unlinked:
        sentence += f" In it, but not linked to this workflow any more, and so without metadata: {unlinked:,}."
    if ratio(wrong, whole) <= given.limits.unknown_subjects:
        return Finding(sentence, numbers)
    examples = found.filter(nowhere).select("subject_id").unique().sort("subject_id").head(5)
    return Finding(
        sentence,
        numbers,
        passed=False,
        advice="They have no metadata and no URLs. Download the subjects export again and import it: it is older "
        "than the classifications, or of another project. Subjects that were removed from all sets stay unknown.",
        examples=examples.collect(),
    )


def most_subjects_have_enough(given: Given) -> Finding:
    """Whether most subjects have as many classifications as the settings ask of a consensus."""
    needed = given.settings.agreement.min_classifications
    own = pl.col("n_classifications")
    whole, enough, median = (
        (
            given.tables[SUMMARY].select(
                pl.len(), (own >= needed).sum().alias("enough"), own.median().alias("median")
            )
        )
        .collect()
        .row(0)
    )
    numbers = {
        "subjects": whole,
        "with enough classifications": enough,
        "share with enough": ratio(enough, whole),
        "median classifications": float(median or 0),
    }
    sentence = f"With {needed} classifications that count, or more: {share(enough, whole, 'subjects')}."
    if not whole or ratio(enough, whole) >= given.limits.enough_subjects:
        return Finding(sentence, numbers)
    return Finding(
        sentence,
        numbers,
        passed=False,
        advice=f"The consensus of the others hangs on fewer. Wait for more classifications, or "
        f"take only subjects with n_classifications >= {needed}.",
    )
