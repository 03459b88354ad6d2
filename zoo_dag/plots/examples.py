"""Sample subjects with links to their images: those with the least agreement, and those with the most."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from zoo_dag.plots import Other
from zoo_dag.plots.picture import percent
from zoo_dag.wording.markdown import code, first_fitting, link, without_markup

_OF_EACH = 4
# Fewer answers than this say little about agreement.
_ENOUGH = 3


def examples(units: pl.DataFrame, urls: Mapping[int, str]) -> str | None:
    """A list of the subjects with the least and the most agreement, with the winning answer.

    Takes `subject_id, name` (of the task), `winner, agreement` (0 to 1) and `n_answered`, a row for each subject
    and task; `urls` are addresses of images by subject. None where there is no subject.
    """
    known = units.drop_nulls(["subject_id", "agreement"])
    enough = known.filter(pl.col("n_answered") >= _ENOUGH)
    known = known if enough.is_empty() else enough
    if known.is_empty():
        return None
    least, most = _extremes(known)
    return first_fitting(
        "\n\n".join(
            f"{title}\n\n" + "\n".join(_line(row, urls) for row in rows.head(count).iter_rows(named=True))
            for title, rows in (("Least agreement:", least), ("Most agreement:", most))
            if rows.height
        )
        for count in range(_OF_EACH, 0, -1)
    )


def sample_ids(units: pl.DataFrame) -> list[int]:
    """The subjects that `examples` can name."""
    known = units.drop_nulls(["subject_id", "agreement"])
    enough = known.filter(pl.col("n_answered") >= _ENOUGH)
    least, most = _extremes(known if enough.is_empty() else enough)
    return [*least["subject_id"], *most["subject_id"]]


def image_urls(subjects: pl.LazyFrame | None, subject_ids: Iterable[int], frame: int = 0) -> dict[int, str]:
    """The address of the image of each subject, of `frame` or the first; `subjects` has `locations`."""
    wanted = list(subject_ids)
    if subjects is None or not wanted:
        return {}
    locations = pl.col("locations").list
    rows = (
        subjects.filter(pl.col("subject_id").is_in(wanted))
        .select("subject_id", pl.coalesce(locations.get(frame, null_on_oob=True), locations.first()))
        .drop_nulls()
        .collect()
    )
    return dict(rows.iter_rows())


def with_examples(units: pl.DataFrame, other: Other) -> dict[str, str]:
    """The entry of sample subjects; none where there is no subject."""
    listed = examples(units, image_urls(other("subjects"), sample_ids(units)))
    return {"example subjects": listed} if listed else {}


def _extremes(units: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the least and with the most agreement, no row in both; if all are equal, only the most."""
    order = ["agreement", pl.col("n_answered").neg(), "subject_id", "name"]
    least = units.filter(pl.col("agreement") < pl.col("agreement").max()).sort(order).head(_OF_EACH)
    rest = units.join(least.select("subject_id", "name"), on=["subject_id", "name"], how="anti")
    most = rest.sort(["agreement", "n_answered", "subject_id", "name"], descending=[True, True, False, False])
    return least, most.head(_OF_EACH)


def _line(row: Mapping[str, Any], urls: Mapping[int, str]) -> str:
    task = f"{code(row['name'], 12)}, " if row["name"] else ""
    winner = f"{code(without_markup(row['winner']), 24)}, " if row["winner"] else ""
    of = f" of {row['n_answered']}" if row["n_answered"] else ""
    subject = link(str(row["subject_id"]), urls.get(row["subject_id"]))
    return f"- {subject}: {task}{winner}{percent(row['agreement'])}{of}"
