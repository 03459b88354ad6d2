"""Checks of the raw stage: the columns, the age and the readability of the exports."""

from collections.abc import Callable, Mapping

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.exports.cells import utc_time
from zoo_dag.exports.files import IS_CURRENT, SOURCE_FILE, SOURCE_ROW
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed, quoted, share

# Columns that every export of the kind fills, and the effect of lacking them. One of several is enough.
_NEEDED: dict[Kind, Mapping[tuple[str, ...], str]] = {
    "classifications": {
        ("workflow_id",): "all rows are filed under workflow 0",
        ("user_name", "user_id"): "repeats by the same volunteer are not recognised",
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
        ("minor_version",): "versions are matched by their major number alone",
        ("strings",): "labels are those in the classifications",
    },
}
_A_FEW_ROWS = 1000
_DAY = 86_400.0


def columns_are_known(kind: Kind) -> Callable[[CheckInput], Finding]:
    """A check that the imported exports of a kind have the columns of today's layout, and no others.

    A column that every export fills counts as missing where all its cells are empty.
    """
    layout = LAYOUTS[kind]

    def evaluate(inputs: CheckInput) -> Finding:
        rows = inputs.tables[f"raw_{kind}"]
        present = rows.collect_schema().names()
        known = (*layout.columns, SOURCE_FILE, SOURCE_ROW, IS_CURRENT)
        unknown = [name for name in present if name not in known]
        empty = _empty_columns(rows, [name for options in _NEEDED[kind] for name in options if name in present])
        missing = {
            " or ".join(options): effect
            for options, effect in _NEEDED[kind].items()
            if all(name in empty or name not in present for name in options)
        }
        numbers = {"unknown columns": len(unknown), "missing columns": len(missing)}
        if not unknown and not missing:
            return Finding(f"The columns of the {kind} exports are those of today's layout.", numbers)
        messages, advice = [], []
        if unknown:
            noun = counted(len(unknown), "columns")
            messages.append(f"{noun} that no {kind} export has today: {listed(map(quoted, unknown))}.")
            advice.append(
                f"They are kept in raw_{kind} and not used. Columns that you added do no harm; if Zooniverse has "
                "added them, look for a newer zoo_dag."
            )
        if missing:
            effects = "; ".join(f"without {name}, {effect}" for name, effect in missing.items())
            messages.append(f"Missing or empty: {effects}.")
            advice.append(f"Import the {kind} export exactly as downloaded from Zooniverse.")
        return Finding(" ".join(messages), numbers, passed=False, advice=" ".join(advice))

    return evaluate


def _empty_columns(rows: pl.LazyFrame, names: list[str]) -> set[str]:
    """The columns in which all cells are empty; none where there are no rows."""
    for part in (rows.head(_A_FEW_ROWS), rows):
        # The first rows already show of nearly all columns that they are not empty.
        counts = part.select(pl.col(names).count(), n_rows=pl.len()).collect().row(0, named=True)
        names = [name for name in names if counts["n_rows"] and not counts[name]]
        if not names:
            break
    return set(names)


def newest_classification_is_recent(inputs: CheckInput) -> Finding:
    """Whether the newest classification is younger than `checks.quiet_after_days`, where that is set.

    A file that was exported long ago and is imported again does not pass. Whether exports arrive at all is said by
    the freshness policy of the asset: this check runs only when one has just been imported.
    """
    time = pl.col("created_at").map_batches(utc_time, return_dtype=pl.Datetime("us", "UTC"), is_elementwise=True)
    newest = inputs.tables["raw_classifications"].select(time.max()).collect().item()
    if newest is None:
        return Finding("No classification has a time.")
    days = (inputs.now - newest).total_seconds() / _DAY
    limit = inputs.limits.quiet_after_days
    message = f"The newest classification is from {newest:%Y-%m-%d}, {_ago(days)}."
    numbers = {"days since the newest classification": round(days, 2)}
    if not limit or days <= limit:
        return Finding(message, numbers)
    advice = (
        f"That is more than {limit:g} days. Check whether the project is paused, and whether a new export was "
        "requested before the download."
    )
    return Finding(message, numbers, passed=False, advice=advice)


def _ago(days: float) -> str:
    return "today" if days < 1 else f"{counted(int(days), 'days')} ago"


def rows_fit_the_header(inputs: CheckInput) -> Finding:
    """Whether no row of the imported files had empty cells beyond the header; these are dropped."""
    files = inputs.tables["imports"].select("source_file", "n_rows", "n_padded").collect()
    padded = files.filter(pl.col("n_padded") > 0)
    n_padded = int(padded["n_padded"].sum())
    numbers = {"files": files.height, "rows with cells beyond the header": n_padded}
    if padded.is_empty():
        return Finding(f"No row of {counted(files.height, 'files')} has cells beyond the header.", numbers)
    rows = share(n_padded, int(padded["n_rows"].sum()), "rows")
    return Finding(
        f"{rows} of {listed(padded['source_file'].unique(maintain_order=True))} had empty cells beyond the "
        "header, which were dropped.",
        numbers,
        passed=False,
        advice="No cell with content was lost. A spreadsheet has saved the file again: where exact times and "
        "versions matter, import the export as downloaded from Zooniverse with --replace.",
    )


def files_are_as_downloaded(inputs: CheckInput) -> Finding:
    """Whether no imported file was written again by R in a way that had to be undone to read it."""
    files = inputs.tables["imports"].select("source_file", "resaved").collect()
    resaved = files.filter(pl.col("resaved").is_not_null()).unique(maintain_order=True)
    numbers = {"files": files.height, "files written again": resaved.height}
    if resaved.is_empty():
        return Finding(f"None of {counted(files.height, 'files')} was written again by R.", numbers)
    each = "; ".join(f"{name}: {what}" for name, what in resaved.iter_rows())
    return Finding(
        f"Written again by R, and read as if it had not been: {each}.",
        numbers,
        passed=False,
        advice="Nothing is lost by this, but other programs change more than can be seen: where exact times and "
        "versions matter, import the export as downloaded from Zooniverse with --replace.",
    )


def few_rows_are_quarantined(inputs: CheckInput) -> Finding:
    """Whether few rows of the exports have no workflow version, or a wrong number of cells."""
    wrong = row_count(inputs.tables["raw_quarantine"])
    kept = [inputs.tables[f"raw_{kind}"].select(pl.len()) for kind in LAYOUTS]
    total = wrong + sum(frame.item() for frame in pl.collect_all(kept))
    return quarantine.evaluate(
        quarantine.Quarantined(wrong, total),
        inputs.tables["raw_quarantine"],
        inputs.limits,
        "See reason and found in the table raw_quarantine. If a file was cut off or re-saved by a spreadsheet, "
        "download it again and import it with --replace.",
    )
