"""What posteriors say of the volunteers: how often they are right, and what they take for what."""

import numpy as np
import polars as pl

from zoo_dag.volunteers.votes import Floats, Votes, sums

SKILL = {
    "n_votes": pl.Int64(),
    "agreement": pl.Float64(),
    "skill": pl.Float64(),
    "skill_low": pl.Float64(),
    "skill_high": pl.Float64(),
    "confusion": pl.List(pl.Struct({"truth": pl.String(), "answer": pl.String(), "probability": pl.Float64()})),
    "n_gold": pl.Int64(),
    "gold_accuracy": pl.Float64(),
}
# Half a right vote and half a wrong one are added: Jeffreys' prior of a share.
_PRIOR = 0.5
# What a volunteer hardly ever had to judge says nothing of them.
_LEAST_SEEN = 0.5


def skills(
    votes: Votes, posterior: Floats, people: pl.Series, labels: pl.Series, *, is_known: bool
) -> pl.DataFrame:
    """A row for each volunteer: `user_key` and the columns of SKILL.

    `skill` is the share of right votes as the posterior sees them, with the 95 % credible interval of a share. It
    and `confusion` are null unless the posterior `is_known` to say something of volunteers: not for few votes.
    `agreement` is the mean share of the other votes on the unit that say the same, null without others.
    `confusion` says how probable each answer is where another is right. `gold_accuracy` is of votes on gold. Of a
    machine, `n_votes` and `n_gold` are sums of probabilities. The others are people only.
    """
    right = posterior[votes.unit, votes.label]
    people_say, by_people = votes.of_people.counts, votes.is_person[votes.volunteer]
    n, n_right = _by_volunteer(votes, np.ones(len(right))), _by_volunteer(votes, right)
    a, b = n_right + _PRIOR, n - n_right + _PRIOR
    others = people_say.sum(axis=1)[votes.unit] - by_people
    same = people_say[votes.unit, votes.label] - by_people
    has_others = others > 0
    agreement = _by_volunteer(votes, np.divide(same, others, out=np.zeros_like(same), where=has_others))
    n_compared = _by_volunteer(votes, has_others.astype(np.float64))
    on_gold = votes.is_gold[votes.unit]
    n_gold = _by_volunteer(votes, on_gold.astype(np.float64))
    gold_right = _by_volunteer(votes, np.where(on_gold, right, 0.0))
    columns = {
        "user_key": people,
        "n_votes": n,
        "agreement": _ratio(agreement, n_compared),
        **(_credible(a, b) if is_known else dict.fromkeys(("skill", "skill_low", "skill_high"))),
        "n_gold": n_gold,
        "gold_accuracy": _ratio(gold_right, n_gold),
    }
    table = pl.DataFrame(columns, nan_to_null=True).with_columns(
        pl.col("n_votes", "n_gold").round().cast(pl.Int64)
    )
    if not is_known:
        return table.with_columns(confusion=None).select(_columns())
    confusion = _confusion(votes, posterior, people, labels)
    joined = table.join(confusion, on="user_key", how="left", maintain_order="left")
    return joined.select(_columns())


def _columns() -> list[pl.Expr]:
    return [pl.col("user_key"), *(pl.col(name).cast(dtype) for name, dtype in SKILL.items())]


def _credible(a: Floats, b: Floats) -> dict[str, Floats]:
    """Mean and 95 % interval of Beta distributions."""
    # SciPy is slow to import.
    from scipy.special import betaincinv  # noqa: PLC0415

    return {"skill": a / (a + b), "skill_low": betaincinv(a, b, 0.025), "skill_high": betaincinv(a, b, 0.975)}


def _by_volunteer(votes: Votes, values: Floats) -> Floats:
    weighted = values if votes.weight is None else values * votes.weight
    return sums(votes.volunteer, weighted, votes.n_volunteers)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Part by whole; not a number where the whole is 0."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _confusion(votes: Votes, posterior: Floats, people: pl.Series, labels: pl.Series) -> pl.DataFrame:
    """By `user_key` the list `confusion`, in the order of the right labels and of the answers."""
    pairs = votes.pairs
    counts = votes.by_pair(posterior)
    seen = pairs.of_voter(pairs.by_volunteer(counts))
    pair, truth = np.nonzero(seen >= _LEAST_SEEN)
    rows = pl.DataFrame(
        {
            "user_key": people.gather(pairs.volunteer[pair]),
            "truth": labels.gather(truth),
            "answer": labels.gather(pairs.label[pair]),
            "probability": counts[pair, truth] / seen[pair, truth],
        }
    )
    return (
        rows.sort("user_key", "truth", "answer")
        .group_by("user_key", maintain_order=True)
        .agg(confusion=pl.struct("truth", "answer", "probability"))
    )
