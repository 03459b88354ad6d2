"""The rules of the settings, replayed over the votes: `retirements`, and what a scheme saves and loses."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.retirement import Rule
from zoo_dag.tables import TABLES
from zoo_dag.volunteers import replay
from zoo_dag.volunteers.cast import TOGETHER, VotesByTask, by_question, coded
from zoo_dag.volunteers.posteriors import Coded
from zoo_dag.volunteers.votes import UNKNOWN, Integers
from zoo_dag.wording.sentences import quoted

_TABLE = TABLES["retirements"]
_QUESTION = [*POOLED.task, "task_label", "option", "option_label"]


class Replayed(NamedTuple):
    """The table `retirements`, and a sentence for each rule that waits for an answer that nobody gave."""

    table: pl.DataFrame
    problems: Sequence[str]


def replay_rules(votes: VotesByTask, rules: Iterable[Rule]) -> Replayed:
    """Replay rules over the votes by task; those of a scheme together."""
    rules = tuple(rules)
    tables, problems = [_TABLE.empty()], []
    for task, rows in votes if rules else ():
        own = [rule for rule in rules if rule.is_of(task["workflow_id"], task["task"])]
        for option, name, part in by_question(rows) if own else ():
            question = {**task, "option": option, "option_label": name}
            cast, known = coded(part), _names(rows)
            for scheme in dict.fromkeys(rule.scheme for rule in own):
                of_scheme = [rule for rule in own if rule.scheme == scheme]
                answers = _answers(of_scheme, known, cast.labels)
                problems += [_problem(rule, question, cast.labels) for rule in of_scheme if answers[rule] is None]
                replayed = _replay(cast, of_scheme, answers)
                tables.append(_rows({**question, "scheme": scheme}, replayed))
    return Replayed(pl.concat(tables), problems)


def _names(rows: pl.DataFrame) -> dict[str, str]:
    """The name of each of several answers, by its id and by itself, both in lower case."""
    several = rows.filter("of_several").select(pl.col("option", "option_label").cast(pl.String)).unique()
    names = {option: name or option for option, name in several.sort("option").iter_rows()}
    return {_plain(text): name for option, name in names.items() for text in (option, name)}


def _plain(text: str) -> str:
    return text.strip().casefold()


def _answers(rules: Iterable[Rule], names: Mapping[str, str], labels: pl.Series) -> dict[Rule, int | None]:
    """The number of the answer of each rule: UNKNOWN where it has none, None where nobody gave it."""
    numbers = {_plain(label): number for number, label in enumerate(labels)}

    def number(answer: str) -> int | None:
        parts = (
            sorted(names.get(_plain(part), part.strip()) for part in answer.split(TOGETHER)) if names else [answer]
        )
        return numbers.get(_plain(TOGETHER.join(parts)))

    return {rule: UNKNOWN if rule.answer is None else number(rule.answer) for rule in rules}


def _problem(rule: Rule, question: Mapping[str, Any], labels: pl.Series) -> str:
    near = difflib.get_close_matches(rule.answer or "", labels.to_list(), n=1, cutoff=0)
    meant = f"; did you mean {quoted(near[0])}?" if near else "."
    return (
        f"No vote on {question['task']} of workflow {question['workflow_id']} says {quoted(rule.answer)}, for "
        f"which the rule {quoted(rule.name or rule.kind)} waits{meant}"
    )


def _replay(cast: Coded, rules: Sequence[Rule], answers: Mapping[Rule, int | None]) -> pl.DataFrame:
    """By subject the columns of `retirements` that depend on the votes."""
    votes, labels = cast.votes, cast.labels
    working = [rule for rule in rules if answers[rule] is not None]
    found = replay.replay(votes, [_engine(rule, answers[rule], votes.n_labels) for rule in working])
    of_all = replay.replay(votes, [])
    voted = found.last >= 0
    names = pl.Series([rule.name or rule.kind for rule in working], dtype=pl.String)
    gold = np.full(votes.n_units, UNKNOWN) if votes.gold is None else votes.gold
    agrees = _votes_for(votes.unit, votes.label, found.label) == _votes_for(votes.unit, votes.label, of_all.label)
    retired = found.rule != replay.NOT_RETIRED
    last = _numbers(np.where(retired, found.last, UNKNOWN))
    frame = cast.units.select("subject_ids").with_columns(
        rule=names.gather(_numbers(found.rule)),
        retired_at=cast.times.gather(last),
        n_used=pl.Series(found.n_used),
        n_votes=pl.Series(of_all.n_used),
        answer=labels.gather(_numbers(found.label)),
        answer_of_all=labels.gather(_numbers(of_all.label)),
        agrees=pl.Series(agrees),
        gold=labels.gather(_numbers(gold)),
    )
    # Experts may have seen what no volunteer has.
    return frame.filter(pl.Series(voted))


def _numbers(places: Integers) -> pl.Series:
    """Places to gather from; null for none."""
    return pl.Series(places, dtype=pl.Int64).replace(UNKNOWN, None)


def _votes_for(unit: Integers, label: Integers, wanted: Integers) -> Integers:
    """By unit how many votes say what is wanted of it; there may be too many labels for a table of all."""
    says = label == wanted[unit]
    return np.bincount(unit[says], minlength=len(wanted))


def _engine(rule: Rule, answer: int | None, n_labels: int) -> replay.Rule:
    name, label = rule.name or rule.kind, None if answer == UNKNOWN else answer
    votes = rule.votes or 0
    match rule.kind:
        case "count":
            return replay.AfterCount(name, votes)
        case "blank":
            return replay.AfterVotesFor(name, votes, label, at_once=True)
        case "flagged" | "matching":
            return replay.AfterVotesFor(name, votes, label)
        case "consensus":
            return replay.AfterConsensus(name, votes, rule.share or 1.0, label)
    prior = None
    if rule.prior is not None:
        prior = np.full(n_labels, (1 - rule.prior) / max(n_labels - 1, 1))
        prior[label] = rule.prior
    return replay.AfterPosterior(name, label or 0, rule.accept, rule.reject, prior)


def _rows(constants: Mapping[str, Any], replayed: pl.DataFrame) -> pl.DataFrame:
    dtypes = _TABLE.dtypes
    same = [pl.lit(value, dtypes[name]).alias(name) for name, value in constants.items()]
    subject = pl.col("subject_ids").cast(pl.Int64, strict=False).alias("subject_id")
    return replayed.select(*same, subject, pl.all()).select(pl.col(name).cast(dtypes[name]) for name in dtypes)


def what_it_saves(table: pl.DataFrame) -> pl.DataFrame:
    """One row for each task and scheme, from `retirements`.

    `n_subjects, n_retired, n_votes, n_used`, `saved`, the share of votes that were not needed, `agrees`, the share
    of subjects that have the answer of all votes, and of `n_gold` subjects `accuracy_of_all` votes, the `accuracy`
    under the scheme, and what it `lost`; null without gold. `retired_as` lists the rules with how many retired.
    """
    right = (pl.col(name) == pl.col("gold") for name in ("answer_of_all", "answer"))
    of_all, under = (each.mean() for each in right)
    by_rule = pl.col("rule").drop_nulls().value_counts(sort=True)
    return (
        table.group_by(*_QUESTION, "scheme", maintain_order=True)
        .agg(
            n_subjects=pl.len(),
            n_retired=pl.col("rule").count(),
            retired_as=by_rule.struct.rename_fields(["rule", "n"]),
            n_votes=pl.col("n_votes").sum(),
            n_used=pl.col("n_used").sum(),
            saved=1 - pl.col("n_used").sum() / pl.col("n_votes").sum(),
            agrees=pl.col("agrees").mean(),
            n_gold=pl.col("gold").count(),
            accuracy_of_all=of_all,
            accuracy=under,
        )
        .with_columns(lost=pl.col("accuracy_of_all") - pl.col("accuracy"))
    )
