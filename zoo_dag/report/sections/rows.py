"""Where each row of a workflow went, and why classifications are left out of consensus."""

import polars as pl

from zoo_dag.plots.row_accounting import FATES
from zoo_dag.report.parts import Bars, Chart, Part, Section, Table
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import counted, percent, ratio

_MOST_VERSIONS = 25
_EXCLUDED = "excluded_"
_REASONS = {
    name: column.description.removeprefix("Left out: ")
    for name, column in TABLES["accounting"].columns.items()
    if name.startswith(_EXCLUDED)
}


def rows(accounting: pl.LazyFrame) -> Section:
    """What became of the classifications of each version, from the `accounting` of a workflow, and the reasons."""
    of_rows = accounting.filter(pl.col("stage").is_in(["raw", "parsed"]), pl.col("workflow_version").is_not_null())
    read, parsed = pl.col("stage") == "raw", pl.col("stage") == "parsed"
    excluded = pl.col("excluded").filter(parsed).sum()
    fates = (pl.col("rows_out").filter(parsed).sum() - excluded, excluded, pl.col("quarantined").sum())
    by_version = (
        of_rows.group_by("workflow_version", maintain_order=True)
        .agg(
            pl.col("rows_in").filter(read).sum().alias("Rows read"),
            *(each.alias(name) for each, name in zip((*fates, pl.col("merged").sum()), FATES, strict=True)),
            pl.col("balanced").all().alias("Sums match"),
        )
        .rename({"workflow_version": "Version"})
        .collect()
    )
    total = {name: int(by_version[name].sum()) for name in ("Rows read", *FATES)}
    n_read = total["Rows read"]
    sentence = (
        f"Of {counted(n_read, 'rows')} of this workflow {total['kept']:,} count "
        f"({percent(ratio(total['kept'], n_read))}), {total['left out']:,} are in the tables and left out of the "
        f"consensus of their version, {total['quarantined']:,} fit no table, and {total['merged']:,} repeated a "
        f"row and were merged with it. {_balance(by_version)}"
    )
    drawn = by_version.tail(_MOST_VERSIONS)
    parts: list[Part] = [
        Chart("What became of the rows", _drawn(by_version), drawn, Bars("Version", FATES, "rows"))
    ]
    reasons = _reasons(of_rows.filter(parsed))
    if reasons.height:
        parts.append(Table("Why classifications are left out of consensus", reasons))
    return Section("rows", "Where each row went", (sentence,), parts if n_read else ())


def _balance(by_version: pl.DataFrame) -> str:
    wrong = by_version.filter(~pl.col("Sums match"))["Version"].to_list()
    if wrong:
        return f"The sums do not match for {', '.join(wrong)}: look at the table accounting."
    return "The sums match: no row was lost."


def _drawn(by_version: pl.DataFrame) -> str:
    newest = f", the newest {_MOST_VERSIONS} of {by_version.height}" if by_version.height > _MOST_VERSIONS else ""
    return f"Rows of the classifications export by version of the workflow{newest}: what became of them."


def _reasons(parsed: pl.LazyFrame) -> pl.DataFrame:
    sums = parsed.select(pl.col(name).sum() for name in _REASONS).collect().row(0, named=True)
    found = [(text, sums[name]) for name, text in _REASONS.items() if sums[name]]
    return pl.DataFrame(found, schema={"Reason": pl.String, "Classifications": pl.Int64}, orient="row")
