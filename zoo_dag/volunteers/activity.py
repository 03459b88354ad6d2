"""How much volunteers did, when, and what looks like a program: `volunteer_activity`."""

import numpy as np
import polars as pl
import polars.selectors as cs

from zoo_dag.consensus.units import POOLED
from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.tables import TABLES
from zoo_dag.volunteers.ballots import YES
from zoo_dag.volunteers.cast import VotesByTask
from zoo_dag.volunteers.numbering import distinct, numbered
from zoo_dag.volunteers.posteriors import ANONYMOUS
from zoo_dag.volunteers.votes import sums

_TABLE = TABLES["volunteer_activity"]
_SECOND, _MINUTE, _HOUR = 1_000_000, 60_000_000, 3_600_000_000
# Polars divides a single number otherwise than several by the same one, so that the last digit of a quotient would
# depend on which rows it has in memory together.
_TO_SECONDS, _TO_HOURS = 1 / _SECOND, 1 / _HOUR
# A longer gap begins a new session; a longer one than the cap is a pause within it.
_SESSION, _CAP = 30 * _MINUTE, 5 * _MINUTE
# Clocks of volunteers and of the server differ.
_TOLERANCE = 60.0
_LEAST = 50
# What looks like a program. Most tasks take people several seconds, and their pace varies.
_FAST, _REGULAR, _REGULAR_FROM, _NO_PAUSE = 1.0, 0.1, 10.0, 16.0
_ONE_ANSWER, _OF_ALL = 0.98, 0.7
_COMMONEST = {
    "commonest_answer": pl.String(),
    "commonest_share": pl.Float64(),
    "commonest_share_of_all": pl.Float64(),
}
_VOTER = pl.when(is_anonymous()).then(pl.lit(ANONYMOUS)).otherwise("user_key")


def volunteer_activity(classifications: pl.LazyFrame, votes: VotesByTask) -> pl.LazyFrame:
    """The table `volunteer_activity`.

    Takes `classifications` of all versions of a workflow, `excluded` as the pool decides, and the votes by task.
    """
    # Not at the same time as the classifications: both need memory for all rows.
    commonest = _commonest(votes).lazy()
    people = (
        _in_sessions(classifications)
        .group_by("workflow_id", "voter")
        .agg(
            user_name=pl.col("user_name").sort_by("created_at", "classification_id").last(),
            n_people=pl.col("user_key").n_unique(),
            n_classifications=pl.len(),
            n_counted=pl.col("counts").sum(),
            n_days=pl.col("created_at").dt.date().n_unique(),
            first_at=pl.col("created_at").min(),
            last_at=pl.col("created_at").max(),
            n_sessions=pl.col("starts").sum(),
            worked=pl.col("gap").clip(upper_bound=_CAP).sum(),
            median_gap=pl.col("gap").median(),
            spread=pl.col("gap").quantile(0.75, "linear") - pl.col("gap").quantile(0.25, "linear"),
            longest=pl.col("since_start").max(),
            median_duration_s=pl.col("duration_s").filter("is_credible").median(),
            n_durations_left_out=(pl.col("duration_s").is_not_null() & ~pl.col("is_credible")).sum(),
        )
        .with_columns(
            pl.col("voter").cast(pl.String), usual=pl.col("median_gap").median().over("workflow_id").fill_null(0)
        )
    )
    # Nothing was stored before the first of a session.
    first = pl.coalesce(pl.col("median_duration_s") * _SECOND, "median_gap", "usual").clip(upper_bound=_CAP)
    found = (
        people.join(commonest, on="voter", how="left")
        .with_columns(
            user_key="voter",
            effort_hours=(pl.col("worked") + pl.col("n_sessions") * first) * _TO_HOURS,
            median_gap_s=pl.col("median_gap") * _TO_SECONDS,
            gap_spread=pl.when(pl.col("median_gap") > 0).then(pl.col("spread") / pl.col("median_gap")),
            longest_session_hours=pl.col("longest") * _TO_HOURS,
        )
        .with_columns(suspicions=_suspicions())
    )
    return _TABLE.conform(found.sort("user_key"))


def _in_sessions(classifications: pl.LazyFrame) -> pl.LazyFrame:
    """Classifications volunteer by volunteer, in the order of time, with the time since the one before.

    `gap`, null for the first of a session, and `since_start` are in microseconds, as integers: their sums do not
    depend on their order. `starts` says whether a session begins; `is_credible` whether `duration_s` may be true,
    and `counts` whether the classification does. Texts are categories: all rows are in memory.
    """
    stored, before = pl.col("created_at"), pl.col("created_at").shift(1)
    since = pl.when(pl.col("user_key") == pl.col("user_key").shift(1)).then(
        (stored - before).dt.total_microseconds()
    )
    in_order = (
        classifications.filter(pl.col("excluded").ne_missing("network_duplicate"), stored.is_not_null())
        .select(
            *("workflow_id", "user_key", "created_at", "classification_id", "duration_s"),
            voter=_VOTER,
            user_name=pl.when(~is_anonymous()).then("user_name"),
            counts=pl.col("excluded").is_null(),
        )
        .with_columns(cs.string().cast(pl.Categorical))
        # Only that each volunteer's are together.
        .sort(pl.col("user_key").to_physical(), "created_at", "classification_id")
        .with_columns(gap=pl.when(since <= _SESSION).then(since))
        .with_columns(starts=pl.col("gap").is_null())
    )
    begun = pl.when("starts").then("created_at").forward_fill()
    duration, gap_s = pl.col("duration_s"), pl.col("gap") * _TO_SECONDS
    return in_order.with_columns(
        since_start=(stored - begun).dt.total_microseconds(),
        is_credible=duration.is_between(0, _SESSION / _SECOND) & (duration <= gap_s + _TOLERANCE).fill_null(True),
    )


def _commonest(votes: VotesByTask) -> pl.DataFrame:
    """By `voter` what they said most, of tasks with at least _LEAST of their classifications.

    Returns `commonest_answer`, `commonest_share` and `commonest_share_of_all`.
    """
    question = {**{name: TABLES["votes"].dtypes[name] for name in POOLED.task}, "option": pl.String()}
    parts = [pl.DataFrame(schema={"voter": pl.String(), **_COMMONEST, **question})]
    for task, rows in votes:
        # Of several answers each is one of the task; a select is a question of its own.
        select = rows.select(select=pl.when(~pl.col("of_several")).then("option")).to_series()
        is_one = select.null_count() == rows.height
        for of_question in [rows] if is_one else rows.with_columns(select).partition_by("select"):
            of = {**task, "option": None if is_one else of_question["select"].cast(pl.String)[0]}
            parts.append(_shares(of_question).with_columns(pl.lit(of[n], t).alias(n) for n, t in question.items()))
    shares = pl.concat(parts)
    most = shares.sort("commonest_share", *question, "commonest_answer", descending=[True, *[False] * 6])
    return most.unique("voter", keep="first", maintain_order=True).select("voter", *_COMMONEST)


def _shares(votes: pl.DataFrame) -> pl.DataFrame:
    """By `voter` and answer to a question the columns of _COMMONEST; takes its votes in the order of time."""
    said = pl.when("of_several").then(pl.coalesce("option_label", "option")).otherwise("label")
    (voters, voter), (answers, answer) = (
        numbered(votes.select(each)) for each in ("user_key", said.alias("said"))
    )
    names = voters.cast(pl.String)
    is_person = (~names.select(is_anonymous()).to_series()).to_numpy()[voter]
    number = votes["classification_id"].to_numpy()
    begins = np.ones(len(number), bool)
    begins[1:] = number[1:] != number[:-1]
    n_answered = sums(voter[is_person & begins], None, len(names))
    # Whether several may be given is not known of an option that a consensus, built before, does not have.
    is_said = (~pl.col("of_several") | (pl.col("label") == YES)).fill_null(False)
    says = is_person & votes.select(is_said).to_series().to_numpy()
    cells, cell = distinct(voter[says].astype(np.int64) * answers.height + answer[says])
    who, what = np.divmod(cells, answers.height)
    given = sums(cell, None, len(cells))
    of_all = sums(what, given, answers.height)
    shares = pl.DataFrame(
        {
            "voter": names["user_key"].gather(who),
            "commonest_answer": answers["said"].gather(what).cast(pl.String),
            "commonest_share": given / n_answered[who],
            "commonest_share_of_all": of_all[what] / n_answered.sum(),
        }
    )
    return shares.filter(pl.Series(n_answered[who] >= _LEAST))


def _suspicions() -> pl.Expr:
    """What looks like a program, of a logged-in volunteer with many classifications. List(String)."""
    gap, spread = pl.col("median_gap_s"), pl.col("gap_spread")
    evidence = {
        "fast": gap <= _FAST,
        "regular": (gap >= _REGULAR_FROM) & (spread <= _REGULAR),
        "no_pause": pl.col("longest_session_hours") >= _NO_PAUSE,
        "one_answer": (pl.col("commonest_share") >= _ONE_ANSWER) & (pl.col("commonest_share_of_all") <= _OF_ALL),
    }
    many = pl.col("n_classifications") >= _LEAST
    found = pl.concat_list(pl.when(many & holds).then(pl.lit(name)) for name, holds in evidence.items())
    return pl.when(pl.col("user_key") != ANONYMOUS).then(found.list.drop_nulls())
