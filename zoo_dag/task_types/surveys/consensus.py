"""Consensus of surveys: species, their numbers, and their behaviour.

The measures are those of Snapshot Serengeti (Swanson et al. 2015, Sci. Data 2:150026): votes for each choice, the
median number of different choices, Pielou's evenness, counts as medians of bins, behaviours as fractions.
"""

import polars as pl

from zoo_dag.consensus.intervals import wilson_high, wilson_low, with_entropy
from zoo_dag.consensus.ranking import ranked
from zoo_dag.consensus.units import (
    Scope,
    hash_of_definition,
    hash_of_unit,
    newest,
    offered,
    units,
    version_text,
)
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.surveys.answers import answers_about_choices
from zoo_dag.task_types.surveys.blank_choices import without_beaten_blanks
from zoo_dag.task_types.surveys.counts import BINS, bins_of, counts_of_choices


def survey_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `survey_annotations` to `survey_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject and a task; a row is a choice that somebody named. Votes are classifications: a choice
    that one names twice has one vote, and a blank choice ("Nothing here") beside an animal has none.
    `fraction_of_all` and its interval are of all classifications that reached the task, since classifications
    without a readable choice are votes against each choice as well.

    Blank or not comes first: `is_blank` where at most half of those who answered named an animal. `rank` and
    `tied` are among the animals and among the blank choices: of a blank subject the blank choices come first, of
    others the animals. Within both, ties keep the order of the choices in the workflow.

    `n_choices`, `evenness`, `evenness_without_blanks`, `fraction_blank` and `is_blank` are of the unit, the same
    in all its rows. `n_choices` is the median number of animals over the classifications that named any. The
    evenness is Pielou's: the Shannon entropy of the votes by its maximum over the choices that have votes, 0 where
    there is one such choice. The second one leaves out the blank choices, and is null where nothing else was
    named. `fraction_blank` is the share of the classifications that left the survey blank or named blank choices
    only.

    `answers` are described in `zoo_dag.task_types.surveys.answers`, `counts` and `count_*` in `counts`.
    """
    rows = annotations["survey_annotations"]
    named = identifications(rows, scope, settings)
    # Left joins, so that a subject without any choice keeps its row.
    consensus = units(rows, scope).with_columns(hash_of_unit(scope))
    for frame, keys in (
        (_votes(named, scope), ["unit"]),
        (_order(tasks, scope), [*scope.defined, "choice_id"]),
        (_by_classification(named), ["unit"]),
        (answers_about_choices(named, tasks, scope), ["choice"]),
        (counts_of_choices(named, annotations[BINS], scope), ["choice"]),
    ):
        consensus = consensus.join(frame, on=keys, how="left", nulls_equal=True)
    consensus = _ranked(consensus.with_columns(is_blank=_is_blank()), scope)
    return Aggregated(_measures(consensus))


def identifications(rows: pl.LazyFrame, scope: Scope, settings: Settings) -> pl.LazyFrame:
    """The identifications that count, in memory: much is computed from them.

    Takes `survey_annotations`. Returns `unit` (`units.hash_of_unit`), `definition` (`units.hash_of_definition`),
    `version` (`units.version_text`), `classification_id`, `choice_id`, `choice_label`, `answers`, `choice`, a
    number for each choice of a unit, and `blank`: whether the choice stands for an empty subject.
    """
    named = without_beaten_blanks(rows.filter(pl.col("status") == "answered"), scope, settings.surveys)
    columns = ("unit", "classification_id", "choice_id", "choice_label", "answers", "blank")
    choice = pl.struct("unit", "choice_id").hash()
    narrow = named.select(*columns, hash_of_definition(scope), version=version_text(), choice=choice)
    return narrow.collect(engine="streaming").lazy()


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> Annotations:
    """`bins`: the answers to the questions that count (`zoo_dag.task_types.surveys.counts`)."""
    answered = annotations["survey_annotations"].filter(pl.col("status") == "answered")
    # Identifications without an answer give none, and few blank choices have any.
    has_answers = pl.col("answers").list.len() > 0
    named = without_beaten_blanks(answered, scope, settings.surveys)
    bins = bins_of(named.filter(has_answers), tasks, scope, settings.surveys)
    # Used several times for each range of subjects.
    return {BINS: bins.collect(engine="streaming").lazy()}


def _is_blank() -> pl.Expr:
    """Whether at most half of those who answered named an animal; null where nobody answered."""
    n_answered = pl.col("n_answered")
    return pl.when(n_answered > 0).then(2 * (n_answered - pl.col("n_only_blank")) <= n_answered)


def _ranked(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`rank` and `tied` among the animals or the blank choices, as `is_blank` says, and then among the others."""
    others_last = rows.with_columns(decided_against=pl.col("blank") != pl.col("is_blank"))
    return ranked(others_last, scope.unit, ["choice_index", "choice_id"], first=["decided_against"])


def _votes(named: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`choice`, `choice_id`, `choice_label`, `votes`, and whether the choice is `blank`, by unit."""
    votes, blank = pl.col("classification_id").n_unique().cast(pl.Int64), pl.col("blank").any()
    label = newest("choice_label", scope, pl.col("version"))
    return named.group_by("unit", "choice", "choice_id").agg(label, blank, votes=votes)


def _order(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`choice_index` by task and `choice_id`."""
    columns = {"choice_id": "option_id", "choice_index": "option_index"}
    return offered(tasks, scope, "choice").select(*scope.defined, **columns)


def _by_classification(named: pl.LazyFrame) -> pl.LazyFrame:
    """`n_choices`, and `n_only_blank`, the classifications that named blank choices, by unit."""
    by_classification = named.group_by("unit", "classification_id").agg(
        n=pl.col("choice_id").n_unique(), only_blank=pl.col("blank").all()
    )
    return by_classification.group_by("unit").agg(
        n_choices=pl.when(~pl.col("only_blank")).then("n").median(),
        n_only_blank=pl.col("only_blank").sum().cast(pl.Int64),
    )


def _measures(rows: pl.LazyFrame) -> pl.LazyFrame:
    votes, everybody, blank = pl.col("votes"), pl.col("n_classifications"), pl.col("blank")
    named = pl.col("choice_id").is_not_null()
    of_animals = pl.when(blank).then(0).otherwise(votes)
    for name, counted in (("evenness", votes), ("evenness_without_blanks", of_animals)):
        rows = _with_evenness(rows, name, counted)
    return rows.with_columns(
        fraction_of_all=votes / everybody,
        fraction_low=pl.when(named).then(wilson_low(votes, everybody)),
        fraction_high=pl.when(named).then(wilson_high(votes, everybody)),
        answers=pl.when(named).then(pl.col("answers").fill_null([])),
        fraction_blank=(pl.col("n_blank") + pl.col("n_only_blank").fill_null(0)) / everybody,
        counts=pl.when(named).then(pl.col("counts").fill_null([])),
        is_blank_choice="blank",
    )


def _with_evenness(rows: pl.LazyFrame, name: str, votes: pl.Expr) -> pl.LazyFrame:
    """The rows with Pielou's evenness of `votes`: the options are those that have any."""
    n_named = (votes > 0).sum().over("unit")
    return with_entropy(rows, name, votes, n_named)
