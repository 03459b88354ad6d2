"""Checks of the raw stage: what the exports hold, and how old they are."""

from collections.abc import Callable, Mapping

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import Finding, Given
from zoo_dag.exports.cells import utc_time
from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed, quoted

# Columns that no export of its kind leaves empty, and what cannot be known without them. One of several is enough.
_NEEDED: dict[Kind, Mapping[tuple[str, ...], str]] = {
    "classifications": {
        ("workflow_id",): "all rows are filed under workflow 0",
        ("user_name", "user_id"): "repeats by the same volunteer are not found",
        ("metadata",): "sessions, times and whether the project was live are not known",
    },
    "subjects": {
        ("workflow_id", "workflow_ids"): "subjects belong to no workflow",
        ("locations",): "the summary of subjects has no URLs",
        (
            "classifications_count",
            "classifications_by_workflow",
        ): "our counts cannot be compared with the server's",
    },
    "workflows": {
        ("minor_version",): "versions are found by their major number alone",
        ("strings",): "labels are those in the classifications",
    },
}
_A_FEW_ROWS = 1000
_DAY = 86_400.0


def columns_are_known(kind: Kind) -> Callable[[Given], Finding]:
    """A check that the imported exports of a kind have the columns of today's layout, and no others.

    A column is missing where no row has anything in it, though no export leaves it empty.
    """
    layout = LAYOUTS[kind]

    def look(given: Given) -> Finding:
        rows = given.tables[f"raw_{kind}"]
        present = rows.collect_schema().names()
        unknown = [name for name in present if name not in (*layout.columns, SOURCE_FILE, SOURCE_ROW)]
        empty = _empty_columns(rows, [name for options in _NEEDED[kind] for name in options if name in present])
        missing = {
            " or ".join(options): effect
            for options, effect in _NEEDED[kind].items()
            if all(name in empty or name not in present for name in options)
        }
        numbers = {"unknown columns": len(unknown), "missing columns": len(missing)}
        if not unknown and not missing:
            return Finding(f"The columns of the {kind} exports are those of today's layout.", numbers)
        told, advice = [], []
        if unknown:
            noun = counted(len(unknown), "columns")
            told.append(f"{noun} that no {kind} export has today: {listed(map(quoted, unknown))}.")
            advice.append(
                f"They are kept in raw_{kind} and not used. Columns of your own do no harm; if Zooniverse has "
                "added them, look for a newer zoo_dag."
            )
        if missing:
            effects = "; ".join(f"without {name}, {effect}" for name, effect in missing.items())
            told.append(f"Missing or empty: {effects}.")
            advice.append(f"Import the {kind} export as Zooniverse gives it.")
        return Finding(" ".join(told), numbers, passed=False, advice=" ".join(advice))

    return look


def _empty_columns(rows: pl.LazyFrame, names: list[str]) -> set[str]:
    """Those of the columns in which no row has anything; none where there are no rows."""
    for part in (rows.head(_A_FEW_ROWS), rows):
        # The first rows tell of nearly all columns that they are not empty.
        counts = part.select(pl.col(names).count(), n_rows=pl.len()).collect().row(0, named=True)
        names = [name for name in names if counts["n_rows"] and not counts[name]]
        if not names:
            break
    return set(names)


def export_is_fresh(given: Given) -> Finding:
    """Whether a classifications export came in the last `checks.stale_after_days` days.

    With `checks.quiet_after_days`, also whether the newest classification is younger than that: whether the
    project still goes on. Without it, a project that is finished is no reason to warn.
    """
    imports = given.tables["imports"].filter(kind="classifications")
    last = imports.select(pl.col("imported_at").max()).collect().item()
    if last is None:
        return Finding("No classifications export was imported yet.")
    since = (given.now - last).total_seconds() / _DAY
    numbers = {"days since the last import": round(since, 2)}
    told = [f"The last new classifications export was imported {_ago(since)}"]
    # All exports write times in one way, in which the latest is also the last in alphabetical order.
    newest = utc_time(given.tables["raw_classifications"].select(pl.col("created_at").max()).collect().to_series())
    quiet = None
    if newest.item() is not None:
        quiet = (given.now - newest.item()).total_seconds() / _DAY
        numbers["days since the newest classification"] = round(quiet, 2)
        told.append(f"its newest classification is of {newest.item():%Y-%m-%d}")
    limits, advice = given.limits, []
    if limits.stale_after_days and since > limits.stale_after_days:
        advice.append(
            f"That is more than {limits.stale_after_days:g} days. Download the exports again and import them; for "
            "a project that is finished, set checks.stale_after_days = 0."
        )
    elif quiet is not None and limits.quiet_after_days and quiet > limits.quiet_after_days:
        advice.append(
            f"The newest classification is more than {limits.quiet_after_days:g} days old. See whether the "
            "project is paused, and whether the export was made anew before it was downloaded."
        )
    return Finding(f"{'; '.join(told)}.", numbers, passed=not advice, advice=" ".join(advice))


def _ago(days: float) -> str:
    return "today" if days < 1 else f"{counted(int(days), 'days')} ago"


def few_rows_are_quarantined(given: Given) -> Finding:
    """Whether few rows of the exports could be given to no workflow version, or had another number of cells."""
    wrong = row_count(given.tables["raw_quarantine"])
    kept = [given.tables[f"raw_{kind}"].select(pl.len()) for kind in LAYOUTS]
    whole = wrong + sum(frame.item() for frame in pl.collect_all(kept))
    return quarantine.judged(
        quarantine.Quarantined(wrong, whole),
        given.tables["raw_quarantine"],
        given.limits,
        "See reason and found in the table raw_quarantine. A file that was cut off or re-saved by a spreadsheet "
        "is best downloaded again, and imported with --replace.",
    )
