"""Consensus of surveys: species, their numbers, and their behaviour.

The measures are those of Snapshot Serengeti (Swanson et al. 2015, Sci. Data 2:150026): votes for each choice, the
median number of different choices, Pielou's evenness, counts as medians of bins, behaviours as fractions.
"""

import polars as pl

from zoo_dag.consensus.intervals import normalised_entropy, wilson_high, wilson_low
from zoo_dag.consensus.ranking import ranked
from zoo_dag.consensus.units import Scope, newest, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.surveys.answers import answers_about_choices, counts_of_choices
from zoo_dag.task_types.surveys.blank_choices import with_blank


def survey_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `survey_annotations` to `survey_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject and a task; a row is a choice that somebody named. Votes are classifications: a choice
    that one names twice has one vote. `fraction_of_all` and its interval are of all classifications that reached
    the task, since classifications without a readable choice are votes against each choice as well.
    "Nothing here" is a choice like others; `n_blank` counts the classifications without any.

    `n_choices`, `evenness`, `evenness_without_blanks`, `fraction_blank` and `is_blank` are of the unit, the same
    in all its rows. `n_choices` is the median over the classifications that named anything. The evenness is
    Pielou's: the Shannon entropy of the votes by its maximum over the choices that have votes, 0 where there is
    one such choice. The second one leaves out the choices that mean "nothing here" (see `blank_choices`), and is
    null where nothing else was named. `fraction_blank` is the share of the classifications that left the survey
    blank or named such choices only; `is_blank` says whether one of these, and no other choice, has the most
    votes. Ties keep the order of the choices in the workflow.

    `answers` and `count_*` are described in `zoo_dag.task_types.surveys.answers`.
    """
    rows = annotations["survey_annotations"]
    named = with_blank(rows.filter(pl.col("status") == "answered"), settings.surveys)
    choice = [*scope.unit, "choice_id"]
    # Left joins, so that a subject without any choice keeps its row.
    consensus = units(rows, scope)
    for frame, keys in (
        (_votes(named, scope), scope.unit),
        (_order(tasks, scope), [*scope.defined, "choice_id"]),
        (_by_classification(named, scope), scope.unit),
        (answers_about_choices(named, tasks, scope), choice),
        (counts_of_choices(named, tasks, scope, settings.surveys.count_questions), choice),
    ):
        consensus = consensus.join(frame, on=keys, how="left", nulls_equal=True)
    consensus = ranked(consensus, scope.unit, ["choice_index", "choice_id"])
    return Aggregated(_measures(consensus, scope))


def _votes(named: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`choice_id`, `choice_label`, `votes`, and whether the choice is `blank`, by unit."""
    votes, blank = pl.col("classification_id").n_unique().cast(pl.Int64), pl.col("blank").any()
    return named.group_by([*scope.unit, "choice_id"]).agg(newest("choice_label", scope), blank, votes=votes)


def _order(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`choice_index` by task and `choice_id`."""
    columns = {"choice_id": "option_id", "choice_index": "option_index"}
    return offered(tasks, scope, "choice").select(*scope.defined, **columns)


def _by_classification(named: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`n_choices`, and `n_only_blank`, the classifications that named blank choices only, by unit."""
    by_classification = named.group_by([*scope.unit, "classification_id"]).agg(
        n=pl.col("choice_id").n_unique(), only_blank=pl.col("blank").all()
    )
    return by_classification.group_by(scope.unit).agg(
        n_choices=pl.col("n").median(), n_only_blank=pl.col("only_blank").sum().cast(pl.Int64)
    )


def _measures(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    votes, everybody, blank = pl.col("votes"), pl.col("n_classifications"), pl.col("blank")
    named = pl.col("choice_id").is_not_null()
    most = votes == votes.max().over(scope.unit)
    return rows.with_columns(
        fraction_of_all=votes / everybody,
        fraction_low=pl.when(named).then(wilson_low(votes, everybody)),
        fraction_high=pl.when(named).then(wilson_high(votes, everybody)),
        evenness=_pielou(votes).over(scope.unit),
        evenness_without_blanks=_pielou(pl.when(blank).then(0).otherwise(votes)).over(scope.unit),
        answers=pl.when(named).then(pl.col("answers").fill_null([])),
        fraction_blank=(pl.col("n_blank") + pl.col("n_only_blank").fill_null(0)) / everybody,
        is_blank=pl.when(named).then((blank | ~most).all().over(scope.unit)),
    )


def _pielou(votes: pl.Expr) -> pl.Expr:
    return normalised_entropy(votes, (votes > 0).sum())
