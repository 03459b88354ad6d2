"""Volunteers: how the work is shared out, what people do who are not logged in, the effort. Nobody is named."""

import polars as pl

from zoo_dag.report.parts import Chart, Columns, Curve, Part, Section, Table
from zoo_dag.wording.sentences import counted, percent, ratio, verb

_ANONYMOUS = "anonymous"
# Of fewer volunteers nothing is drawn.
_STEPS, _FEWEST_DRAWN = 20, 5


def volunteers(activity: pl.LazyFrame) -> Section:
    """Concentration, anonymous share and effort, from `volunteer_activity` of a workflow."""
    people = activity.collect()
    named = people.filter(pl.col("user_key") != _ANONYMOUS)
    n_all, n_named = int(people["n_classifications"].sum()), int(named["n_classifications"].sum())
    others = people.filter(pl.col("user_key") == _ANONYMOUS)["n_people"].sum()
    sentences = [
        f"{counted(named.height, 'volunteers')} who {verb(named.height, 'was', 'were')} logged in made "
        f"{counted(n_named, 'classifications')}. {n_all - n_named:,} of {n_all:,} "
        f"({percent(ratio(n_all - n_named, n_all))}) are by people who were not, at most "
        f"{counted(int(others), 'people')}.",
        f"All together worked for about {people['effort_hours'].sum():,.1f} hours (gaps of at most five minutes).",
    ]
    suspected = int((named["suspicions"].list.len() > 0).sum())
    if suspected:
        sentences.append(
            f"{counted(suspected, 'volunteers')} {verb(suspected, 'looks', 'look')} like a program: "
            "volunteer_activity says why, and it is a reason to look, not a verdict."
        )
    parts: list[Part] = [Table("Who did the work", _work(people))]
    if named.height >= _FEWEST_DRAWN:
        shares = lorenz(named["n_classifications"])
        description = (
            "Share of the classifications by share of the volunteers who were logged in, the least active first. "
            f"The Gini coefficient is {gini(named['n_classifications']):.2f}: 0 where all did as much, 1 where "
            f"one did everything. The most active tenth made {percent(most_active(named['n_classifications']))}."
        )
        form = Curve("Share of volunteers", "Share of classifications")
        parts.append(Chart("How the work is shared out", description, shares, form))
        description = f"{counted(named.height, 'volunteers')} who were logged in, by how much each of them did."
        form_of_counts = Columns("Classifications", ("volunteers",), "volunteers")
        parts.append(Chart("Classifications per volunteer", description, by_amount(named), form_of_counts))
        parts.append(Table("What half of the volunteers who were logged in do at most", _medians(named)))
    return Section("volunteers", "Volunteers", sentences if n_all else (), parts if n_all else ())


def _work(people: pl.DataFrame) -> pl.DataFrame:
    """What those did who were logged in, and the others."""
    is_named = pl.col("user_key") != _ANONYMOUS
    who = pl.when(is_named).then(pl.lit("logged in")).otherwise(pl.lit("not logged in"))
    sums = people.group_by(who.alias("Volunteers")).agg(
        pl.col("n_people").sum().alias("People, at most"),
        pl.col("n_classifications").sum().alias("Classifications"),
        pl.col("n_counted").sum().alias("Count"),
        pl.col("effort_hours").sum().round(2).alias("Hours of work"),
    )
    return sums.sort("Volunteers")


def gini(counts: pl.Series) -> float:
    """The Gini coefficient of non-negative counts: half the mean absolute difference divided by the mean."""
    ordered, n, total = counts.sort(), counts.len(), int(counts.sum())
    if not total:
        return 0.0
    ranks = pl.Series(range(1, n + 1))
    return 2 * int((ranks * ordered).sum()) / (n * total) - (n + 1) / n


def most_active(counts: pl.Series, share: float = 0.1) -> float:
    """The share of the counts that the largest ones have, which are a share of all, at least one."""
    n = max(round(counts.len() * share), 1)
    return ratio(int(counts.top_k(n).sum()), int(counts.sum()))


def lorenz(counts: pl.Series) -> pl.DataFrame:
    """At most 21 points of the Lorenz curve: the share of the counts that the smallest ones have."""
    sums = counts.sort().cum_sum().to_list()
    n, total = len(sums), sums[-1] or 1
    places = sorted({round(step * n / _STEPS) for step in range(_STEPS + 1)})
    shares = [(place / n, sums[place - 1] / total if place else 0.0) for place in places]
    schema = {"Share of volunteers": pl.Float64, "Share of classifications": pl.Float64}
    return pl.DataFrame(shares, schema=schema, orient="row")


def by_amount(people: pl.DataFrame) -> pl.DataFrame:
    """How many volunteers made 1, 2 to 3, 4 to 7 … classifications, doubled up to the largest number."""
    doubled = people.select(n=63 - pl.col("n_classifications").clip(1).bitwise_leading_zeros().cast(pl.Int64))
    counts = dict(doubled.group_by("n").len().iter_rows())
    rows = [
        (f"{2**n:,}" if n == 0 else f"{2**n:,} to {2 ** (n + 1) - 1:,}", counts.get(n, 0))
        for n in range(max(counts, default=-1) + 1)
    ]
    return pl.DataFrame(rows, schema={"Classifications": pl.String, "volunteers": pl.Int64}, orient="row")


def _medians(named: pl.DataFrame) -> pl.DataFrame:
    measures = {
        "Classifications": "n_classifications",
        "Days with a classification": "n_days",
        "Sessions": "n_sessions",
        "Hours of work": "effort_hours",
        "Seconds for a classification": "median_duration_s",
    }
    rows = [(text, named[column].median()) for text, column in measures.items()]
    return pl.DataFrame(rows, schema={"Measure": pl.String, "Median": pl.Float64}, orient="row")
