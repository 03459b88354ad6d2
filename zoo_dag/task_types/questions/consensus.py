"""Consensus of questions: votes, fractions, intervals, ties, entropy and agreement."""

from functools import partial

import polars as pl

from zoo_dag.consensus.answer_sets import bits_of, texts_of
from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import Scope, hash_of_unit, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import FLATTENED
from zoo_dag.tables.flattened import CLASSIFICATION_KEYS
from zoo_dag.tables.lookup import looked_up
from zoo_dag.task_types.declaration import Aggregated, Annotations

_ANSWER = ["answer_index", "answer"]
# The task types of which each answer is a yes or no of its own.
SEVERAL = ("multiple", "shortcut")
# The name of the numbers of answers to each task, among the tables that `question_consensus` takes.
GIVEN = "given"
# The empty set of answers, in a tie with others.
NOTHING_CHOSEN = "(none)"
# The digits of the largest position.
_DIGITS = 10


def question_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings
) -> Aggregated:
    """Aggregate `question_annotations` to `question_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Denominators: `n_classifications` are the
    classifications that reached the task, also those that left it blank or whose answer was lost; `n_answered`
    those that gave at least one known answer.

    Where several answers are allowed (task types SEVERAL), an empty answer is a no to every option, and counts in
    `n_answered` as well as in `n_blank`. Each option is a yes or no of its own: `agreement` is the mean over
    the options of the share of the majority, `entropy` that of the entropy of yes and no. The fractions need not
    add up to 1: their sum is `mean_selected`. `answer_set` is the commonest set of answers. Elsewhere these are
    null. Where all answers are empty the row has no answer and 0 votes, and all agree.

    A shortcut has an element only where it was clicked: who saw its page, with a task of any type, said no.
    Therefore all flattened tables are taken; and `given`, which `decide` returns.

    The options are the answers that the workflow offers, or, where `tasks` does not say, all answers that were
    given to the task. Ties keep the order of the answers; `tied` marks them.
    """
    rows = with_shortcuts(annotations, tasks)
    answered = rows.filter(pl.col("status") == "answered")
    votes = answered.group_by(hash_of_unit(scope), *_ANSWER).agg(votes=pl.len().cast(pl.Int64))
    options = offered(tasks, scope, "answer").group_by(scope.defined).agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject without answers keeps its row.
    unit_votes = _with_answer_sets(units(rows, scope).with_columns(hash_of_unit(scope)), rows, scope)
    unit_votes = unit_votes.join(votes, on="unit", how="left")
    for counts in (annotations[GIVEN], options):
        unit_votes = unit_votes.join(counts, on=scope.defined, how="left", nulls_equal=True)
    consensus = compared(ranked(unit_votes, scope.unit, _ANSWER))
    several = pl.when(pl.col("answer_set_votes").is_not_null())
    answered_any = pl.when(pl.col("answer_set_votes").is_not_null(), pl.col("n_answered") > 0)
    agreement, entropy = _of_yes_and_no()
    consensus = consensus.with_columns(
        mean_selected=several.then(pl.col("votes").sum().over("unit") / pl.col("n_answered")),
        agreement=answered_any.then(agreement).otherwise("agreement"),
        entropy=answered_any.then(entropy).otherwise("entropy"),
    )
    return Aggregated(consensus)


def decide(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """`given`: the number of different answers to each task, `n_given`."""
    answered = annotations["question_annotations"].filter(pl.col("status") == "answered")
    given = answered.select(*scope.defined, *_ANSWER).unique()
    return {GIVEN: given.group_by(scope.defined).agg(n_given=pl.len().cast(pl.Int64))}


def _of_yes_and_no() -> tuple[pl.Expr, pl.Expr]:
    """Agreement and entropy of a unit in which each option is a yes or no of its own: means over the options.

    Takes the columns of `ranking.compared`, and `unit`. On an option without votes all agree.
    """
    votes, n_answered = pl.col("votes"), pl.col("n_answered")
    n_options = pl.max_horizontal("n_given", "n_offered", 1)
    # Whole numbers and sorted ones, since sums of fractions depend on their order to the last bit.
    minority = pl.min_horizontal(votes, n_answered - votes).sum().over("unit")
    shares = (pl.col("fraction"), 1 - pl.col("fraction"))
    bits = pl.sum_horizontal(pl.when(share > 0).then(-share * share.log(2)) for share in shares)
    entropy = pl.when(votes > 0).then(bits).sort().sum().over("unit") / n_options
    return 1 - minority / (n_options * n_answered), entropy.clip(0, 1)


def _with_answer_sets(seen: pl.LazyFrame, rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Units with `answer_set` and `answer_set_votes`, where several answers are allowed and any can be read.

    In these, `n_answered` counts empty answers as well. An answer of which a part cannot be read may be any set,
    and counts for none. Sets with as many votes are joined with " | ", in the order of their texts.
    """
    status = pl.col("status")
    chosen = rows.filter(pl.col("task_type").is_in(SEVERAL))
    bits, labels = _bits(chosen.filter(status == "answered"))
    words, answer = bits.columns[len(_ANSWER) :], pl.struct(_ANSWER).hash()
    known = bits.select(answer).to_series()
    answers = (
        chosen.select(
            hash_of_unit(scope),
            "classification_id",
            *(
                pl.when(status == "answered").then(looked_up(answer, known, bits[word])).alias(word)
                for word in words
            ),
            empty=status == "blank",
            complete=status.is_in(["answered", "blank"]),
        )
        .group_by("unit", "classification_id")
        .agg(pl.col(words).bitwise_or().fill_null(0), pl.col("empty", "complete").all())
    )
    readable = pl.col("empty") | pl.any_horizontal(pl.col(words) > 0)
    counts = answers.filter(readable).group_by("unit").agg(n_empty=pl.col("empty").sum())
    sets = answers.filter("complete").group_by("unit", *words).agg(votes=pl.len().cast(pl.Int64))
    most = sets.filter(pl.col("votes") == pl.col("votes").max().over("unit"))
    texts = pl.col("text").replace("", NOTHING_CHOSEN).sort()
    commonest = (
        most.with_columns(
            text=pl.struct(words).map_batches(partial(_texts, labels), pl.String(), is_elementwise=True)
        )
        .group_by("unit")
        .agg(
            answer_set=pl.when(pl.len() == 1).then(pl.col("text").first()).otherwise(texts.str.join(" | ")),
            answer_set_votes=pl.col("votes").first(),
        )
    )
    for frame in (counts, commonest):
        seen = seen.join(frame, on="unit", how="left")
    allowed = pl.when(pl.col("n_empty").is_not_null())
    return seen.with_columns(
        n_answered=pl.col("n_answered") + pl.col("n_empty").fill_null(0),
        answer_set_votes=allowed.then(pl.col("answer_set_votes").fill_null(0)),
    )


def _bits(answered: pl.LazyFrame) -> tuple[pl.DataFrame, list[str]]:
    """The columns of each different answer with its bit (`answer_sets`), and by number of the bit its text."""
    label = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    # Sorts in the order of the workflow, answers without a place last.
    place = pl.coalesce(pl.col("answer_index").cast(pl.String).str.zfill(_DIGITS), pl.lit("~" * _DIGITS))
    different = answered.select(_ANSWER).unique().with_columns(text=place + label).drop_nulls("text").collect()
    texts = different["text"].unique().sort()
    numbers = texts.search_sorted(different["text"]).to_list()
    bits = different.drop("text").hstack(bits_of(numbers, len(texts)))
    return bits, texts.str.slice(_DIGITS).to_list()


def _texts(labels: list[str], sets: pl.Series) -> pl.Series:
    """The text of each set of answers: their labels in the order of the workflow."""
    return texts_of(sets.struct.unnest(), labels, "; ", "")


def with_shortcuts(annotations: Annotations, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, and a blank one for each classification that saw the page of a shortcut and left it alone."""
    questions, named = annotations["question_annotations"], ["workflow_version", "task"]
    pages = _pages(tasks)
    # Few workflows have shortcuts, and detecting those that were not clicked takes several joins.
    if pages.select(pl.len()).collect().item() == 0:
        return questions
    of_task = ["task_revision", "task_label", "task_type"]
    definitions = tasks.select(*named, *of_task).unique(named)
    clicked = questions.select("classification_id", "task")
    parent = pl.col("parent_task")
    seen = pl.concat(
        rows.select(*CLASSIFICATION_KEYS, "annotation_index", "parent_task", "task").join(pages, on=named)
        for name, rows in annotations.items()
        if name in FLATTENED
    ).filter(pl.col("combo").is_null() | parent.is_null() | (parent == pl.col("combo")))
    not_clicked = (
        seen.sort("annotation_index")
        .unique(["classification_id", "shortcut"], keep="first", maintain_order=True)
        .with_columns(task="shortcut")
        .join(clicked, on=["classification_id", "task"], how="anti")
        .drop("shortcut", "combo")
        .join(definitions, on=named)
        .with_columns(status=pl.lit("blank"), parent_task=pl.lit(None, pl.String))
    )
    return pl.concat([questions, not_clicked], how="diagonal")


def _pages(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The tasks on pages with a shortcut: `workflow_version, task, shortcut, combo`.

    Flattened tables have the children of a combo in its place; `combo` is the one that puts a task on the page.
    """
    version = "workflow_version"
    pages = tasks.filter(pl.col("shortcut").is_not_null()).select(version, "task", "shortcut").unique()
    children = tasks.filter(option_kind="task").select(version, "task", child="option_id")
    of_combos = pages.join(children, on=[version, "task"]).select(
        version, pl.col("child").alias("task"), "shortcut", pl.col("task").alias("combo")
    )
    return pl.concat([pages.with_columns(combo=pl.lit(None, pl.String)), of_combos])
