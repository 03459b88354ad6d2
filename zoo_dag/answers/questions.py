"""The answers of `zoo-dag ask`: a sentence or several, and a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.answers.answer import Answer, Asked, Shown, named
from zoo_dag.errors import ZooDagError
from zoo_dag.settings.checks import Checks
from zoo_dag.store.scanning import scan_table
from zoo_dag.task_types import triage as triaging
from zoo_dag.task_types.posteriors import OF_ANSWERS
from zoo_dag.volunteers import enough as fewer
from zoo_dag.volunteers.cast import by_task, coded
from zoo_dag.volunteers.retirements import replay_rules, what_it_saves
from zoo_dag.wording.sentences import counted, listed, percent, verb

# Krippendorff 2004, Content Analysis, section 11.4.2: from what alpha on conclusions are reliable, and tentative.
RELIABLE, TENTATIVE = 0.8, 0.667
_FALSE_DISCOVERIES = 0.05
_LARGE_LOSS = 0.2
# Of more votes some subjects are drawn.
_VOTES_TRIED = 300_000


_TASK: Shown = {"workflow": "workflow_id", "task": "task", "revision": "task_revision"}
# What a sentence names a task by.
_NAMED = ("workflow_id", "parent_task", "task", "task_revision", "option", "option_label")
_OPTION: Shown = {"of": pl.coalesce("option_label", "option")}


def enough(asked: Asked) -> Answer:
    """How many votes are enough, by drawing fewer."""
    sentences, rows, best = [], [], []
    for task, of_task in by_task(asked.scan("votes")):
        method = asked.folder.settings.volunteers.method_of(task["workflow_id"], task["task"])
        votes = coded(some_subjects(of_task)).votes
        of = "answers about subjects" if of_task["of_several"].any() else "subjects"
        tried = fewer.with_fewer_votes(votes, method, fewer.numbers_to_try(votes))
        of_each = [{**task, **each._asdict(), "n_gold": int(votes.is_gold.sum()), "of": of} for each in tried]
        number = fewer.enough(tried)
        best += [row for row in of_each if row["n_votes"] == number]
        sentences.append(_enough(of_each, number))
        rows += of_each
    schema = {
        **dict.fromkeys(("parent_task", "task", "task_revision", "task_label"), pl.String()),
        **dict.fromkeys(("same", "accuracy", "calibration_error"), pl.Float64()),
    }
    frame, summary = (pl.DataFrame(each, schema_overrides=schema) for each in (rows, best))
    shown: Shown = {
        **_TASK,
        "votes": "n_votes",
        "on": "n_units",
        "": "of",
        "as with all": "same",
        "gold": "n_gold",
        "accuracy": "accuracy",
        "calibration error": "calibration_error",
    }
    several = len(sentences) > 1
    return Answer(sentences or [_NO_VOTES], frame, shown, summary if several else None)


_NO_VOTES = "There are no votes: no question, dropdown or survey was answered."


def some_subjects(rows: pl.DataFrame) -> pl.DataFrame:
    """Votes of a task; of more than 300,000 those on some subjects, drawn at random, the same ones each time."""
    if rows.height <= _VOTES_TRIED:
        return rows
    subjects = rows["subject_ids"].unique().cast(pl.String).sort()
    n = int(len(subjects) * _VOTES_TRIED / rows.height)
    drawn = np.random.default_rng(0).choice(len(subjects), n, replace=False)
    some = subjects.gather(np.sort(drawn)).cast(pl.Categorical)
    return rows.filter(pl.col("subject_ids").is_in(some.implode()))


def _enough(tried: Sequence[Mapping[str, Any]], number: int | None) -> str:
    last = tried[-1]
    if number is None:
        return (
            f"{named(last)}: no fewer than {last['n_votes']} votes are enough: with so many, "
            f"{percent(last['same'])} of the {last['of']} are as with all votes."
        )
    best = next(each for each in tried if each["n_votes"] == number)
    right = ""
    if best["accuracy"] is not None:
        right = f", with an accuracy of {best['accuracy']:.3f} ({last['accuracy']:.3f} with {last['n_votes']})"
    return (
        f"{named(last)}: {counted(number, 'votes')} {verb(number, 'is', 'are')} enough. With so many, "
        f"{percent(best['same'])} of the {best['of']} are as with all votes{right}."
    )


def rules(asked: Asked) -> Answer:
    """What the rules of the settings save and lose."""
    own = asked.folder.settings.retirement.rules
    if not own:
        raise ZooDagError(
            "There are no rules: write them into zoo_dag.toml, each below a line [[retirement.rules]], such as "
            'kind = "count" and votes = 10 (docs/posteriors.md).'
        )
    replayed = replay_rules(by_task(asked.scan("votes")), own)
    return of_rules(replayed.table, replayed.problems)


def of_rules(retirements: pl.DataFrame, problems: Sequence[str] = ()) -> Answer:
    """What rules save and lose, from the table `retirements`; `problems` are sentences."""
    saved = what_it_saves(retirements)
    sentences = [_saved(of_scheme) for of_scheme in saved.partition_by("scheme", maintain_order=True)]
    by_rule = pl.col("retired_as").list.eval(
        pl.format("{} {}", pl.element().struct.field("rule"), pl.element().struct.field("n"))
    )
    shown: Shown = {
        "scheme": "scheme",
        **_TASK,
        **_OPTION,
        "subjects": "n_subjects",
        "retired": "n_retired",
        "as": by_rule.list.join(", "),
        "saved": "saved",
        "as with all": "agrees",
        "lost": "lost",
    }
    nothing = [] if sentences else ["No task has votes and a rule."]
    return Answer([*sentences, *nothing, *problems], saved, shown)


def _saved(rows: pl.DataFrame) -> str:
    """What a scheme saves over its tasks."""
    n, votes, used, gold = (int(rows[name].sum()) for name in ("n_subjects", "n_votes", "n_used", "n_gold"))
    agree = float((rows["agrees"] * rows["n_subjects"]).sum()) / n
    of = named(rows.row(0, named=True)) if rows.height == 1 else counted(rows.height, "tasks")
    right = ""
    if gold:
        under, of_all = (
            (rows[name].fill_null(0) * rows["n_gold"]).sum() / gold for name in ("accuracy", "accuracy_of_all")
        )
        right = (
            f" On {counted(gold, 'gold subjects')} the accuracy is {under:.3f}, and {of_all:.3f} with all votes."
        )
    return (
        f"{rows['scheme'][0]}, {of}: {percent(1 - used / votes)} of {counted(votes, 'votes')} would be saved, and "
        f"{percent(agree)} of the subjects have the answer of all votes.{right}"
    )


def agreement(asked: Asked) -> Answer:
    """Krippendorff's alpha of each task."""
    return of_agreement(asked.scan("task_agreement").collect())


def of_agreement(rows: pl.DataFrame) -> Answer:
    """Krippendorff's alpha of each task, from the table `task_agreement`."""
    alphas = rows.filter(pl.col("alpha").is_not_null())
    whole = alphas.filter(pl.col("option").is_null() | pl.col("n_volunteers").is_null() | ~_is_answer(rows))
    less = whole.filter(pl.col("alpha") < TENTATIVE)
    reliably = whole.filter(pl.col("alpha") >= RELIABLE).height
    tentatively = whole.height - reliably - less.height
    worst = less.sort("alpha").select(*_NAMED).to_dicts()
    of_these = f": {listed(map(named, worst))}" if worst else ""
    sentence = (
        f"Of {counted(whole.height, 'tasks')} volunteers agree reliably on {reliably} (alpha of {RELIABLE} and "
        f"more), tentatively on {tentatively} ({TENTATIVE} and more), and less on {less.height}{of_these}."
    )
    interval = pl.format("{} to {}", pl.col("alpha_low").round(2), pl.col("alpha_high").round(2))
    shown: Shown = {"alpha": "alpha", "95 %": interval, "subjects": "n_subjects", "votes": "n_votes"}
    return Answer([sentence if whole.height else _NO_VOTES], rows, {**_TASK, **_OPTION, **shown})


def _is_answer(rows: pl.DataFrame) -> pl.Expr:
    """Whether a row is of one of several answers: then its task has a row of its own."""
    wholes = rows.filter(pl.col("option").is_null())["task_revision"].unique().to_list()
    return pl.col("option").is_not_null() & pl.col("task_revision").is_in(wholes)


def versions(asked: Asked) -> Answer:
    """Whether newer versions are answered like earlier ones."""
    return of_versions(asked.scan("task_agreement").collect(), asked.folder.settings.checks)


def of_versions(rows: pl.DataFrame, limits: Checks) -> Answer:
    """Whether newer versions are answered like earlier ones, from the table `task_agreement`."""
    rows = rows.filter(pl.col("drift").is_not_null())
    enough_votes = pl.min_horizontal("n_votes_newest", "n_votes_earlier") >= limits.drift_votes
    differs = (pl.col("drift") >= limits.drift) & (pl.col("drift_q") < _FALSE_DISCOVERIES)
    verdict = pl.when(~enough_votes).then(pl.lit("too few votes")).when(differs).then(pl.lit("no"))
    rows = rows.with_columns(may_be_pooled=verdict.otherwise(pl.lit("yes")))
    rows = rows.sort("drift", descending=True)
    counts = dict(rows.group_by("may_be_pooled").len().iter_rows())
    sentence = (
        f"{counted(rows.height, 'tasks')} have votes of several versions on the same subjects: "
        f"{counts.get('yes', 0)} may be pooled, {counts.get('no', 0)} are answered differently, and "
        f"{counts.get('too few votes', 0)} have too few such votes to tell (checks.drift_votes is "
        f"{limits.drift_votes})."
    )
    if rows.is_empty():
        sentence = "Nothing can be compared: no subject has votes of several versions of a task."
    different = rows.filter(pl.col("may_be_pooled") == "no").to_dicts()
    advice = [
        f"{named(row)} is answered differently in {row['newest_version']}: if it means something else now, "
        f'let it start again with "{row["workflow_id"]} {row["task"]}@{row["newest_version"]}" in pooling.new.'
        for row in different
    ]
    shown: Shown = {
        **_OPTION,
        "newest": "newest_version",
        "earlier": pl.col("earlier_versions").list.join(", "),
        "subjects": "n_subjects_of_both",
        "distance": "drift",
        "p": "drift_p",
        "q": "drift_q",
        "pool": "may_be_pooled",
    }
    return Answer([sentence, *advice], rows, {**_TASK, **shown})


def triage(asked: Asked) -> Answer:
    """Subjects by expected loss."""
    return of_triage(triaging.triage(_posteriors(asked), asked.scan("votes")).collect())


def of_triage(rows: pl.DataFrame) -> Answer:
    """Subjects by expected loss, from what `triage` says of them."""
    large = rows.filter(pl.col("expected_loss") > _LARGE_LOSS)
    more = large.filter(pl.col("needs") == triaging.MORE_VOTES).height
    sentence = (
        f"{counted(large.height, 'answers')} of {rows.height:,} that are not certain have an expected loss of "
        f"more than {_LARGE_LOSS}: {more:,} need more votes, and {large.height - more:,} an expert."
    )
    shown: Shown = {
        **_TASK,
        "subject": "subject_ids",
        "answer": "answer",
        "expected loss": "expected_loss",
        "votes": "n_votes",
        "needs": "needs",
    }
    return Answer([sentence if rows.height else "No answer is uncertain."], rows, shown)


def _posteriors(asked: Asked) -> Iterator[pl.LazyFrame]:
    for name in OF_ANSWERS:
        rows = scan_table(name, asked.folder.root, asked.workflow)
        yield rows if asked.task is None else rows.filter(task=asked.task)


def credits_(asked: Asked) -> Answer:
    """The names of volunteers, and how many have none."""
    activity = asked.scan("volunteer_activity")
    has_name = pl.col("user_name").is_not_null()
    names = (
        activity.filter(has_name)
        .sort("last_at")
        .group_by("user_key")
        .agg(
            pl.col("user_name").last(),
            pl.col("n_classifications").sum(),
            n_workflows=pl.col("workflow_id").n_unique(),
            first_at=pl.col("first_at").min(),
            last_at=pl.col("last_at").max(),
        )
        .drop("user_key")
        .sort("n_classifications", "user_name", descending=[True, False])
        .collect()
    )
    others = activity.filter(~has_name).select(pl.col("n_people", "n_classifications").sum()).collect()
    people, by_them = others.row(0)
    sentence = (
        f"{counted(names.height, 'volunteers')} with a name made "
        f"{counted(int(names['n_classifications'].sum()), 'classifications')}. {by_them:,} more are by at most "
        f"{people:,} people who were not logged in."
    )
    shown: Shown = {"volunteer": "user_name", "classifications": "n_classifications", "workflows": "n_workflows"}
    return Answer([sentence], names, shown)


ANSWERS: Mapping[str, Callable[[Asked], Answer]] = {
    "enough": enough,
    "rules": rules,
    "agreement": agreement,
    "versions": versions,
    "triage": triage,
    "credits": credits_,
}
