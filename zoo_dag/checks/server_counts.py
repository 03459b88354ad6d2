"""Compares our counts of classifications with those of Zooniverse's server: do the exports belong together?

The server counts classifications for each subject and workflow over all versions, except gold standard ones, those
of a subject that the volunteer had seen before, and those before the launch; so it counts none in a project that
was never launched (observed in a real export). The same is counted here from the classifications. The count of a
workflow adds up those of its subjects in each of their sets, so it may count a subject several times.
"""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, ratio

# Differences below this number do not warn.
_FEW = 10
_RETIRED_BY_COUNT = "classification_count"
_DIFFERENCE = pl.col("ours") - pl.col("server")


def server_counts_agree(inputs: CheckInput) -> Finding:
    """Whether the workflow has as many classifications as the server counted, subject by subject.

    Warns where the counts of all subjects together differ by more than the share `checks.count_difference` of the
    server's. Without a subjects export the count of the workflow is compared; without any export, nothing.
    """
    workflow = int(inputs.key or 0)
    server = _server(inputs.tables["subjects"].filter(workflow_id=workflow))
    if server.is_empty():
        return _of_workflow(inputs, workflow)
    ours = _counted_by_subject(inputs.tables["classifications"]).collect()
    both = server.join(ours, on="subject_id", how="left").with_columns(pl.col("ours").fill_null(0))
    limit = _retirement(inputs, workflow)
    few = pl.col("retired") & (pl.col("ours") < limit) if limit else pl.lit(False)
    totals = both.select(
        server=pl.col("server").sum(),
        ours=pl.col("ours").sum(),
        lacking=-_DIFFERENCE.clip(upper_bound=0).sum(),
        surplus=_DIFFERENCE.clip(lower_bound=0).sum(),
        subjects=(_DIFFERENCE != 0).sum(),
        retired=few.fill_null(False).sum(),
    ).row(0, named=True)
    message = _message(totals, both.height, limit)
    if not _differs(totals, inputs):
        return Finding(message, _numbers(totals))
    worst = both.sort(_DIFFERENCE.abs().neg(), "subject_id").select("subject_id", "server", "ours").head(5)
    return Finding(message, _numbers(totals), passed=False, advice=_advice(totals), examples=worst)


def _server(subjects: pl.LazyFrame) -> pl.DataFrame:
    """`server`, the count of the server, by `subject_id`, and whether the subject `retired` by its count."""
    retired = (pl.col("retirement_reason") == _RETIRED_BY_COUNT).any()
    # A set that the subject has left has an older count.
    is_current = pl.col("is_current") | ~pl.col("is_current").any().over("subject_id")
    counts = (
        subjects.filter(is_current)
        .group_by("subject_id")
        .agg(server=pl.col("classifications_count").max(), retired=retired)
    )
    return counts.drop_nulls("server").collect()


def _message(totals: dict[str, int], subjects: int, limit: int | None) -> str:
    message = (
        f"The server counted {totals['server']:,} classifications of {counted(subjects, 'subjects')}; by the same "
        f"rules {totals['ours']:,} are here"
    )
    if totals["subjects"]:
        each = f"{totals['lacking']:,} too few, {totals['surplus']:,} too many"
        message += f"; they differ in {counted(totals['subjects'], 'subjects')} ({each})"
    if totals["retired"]:
        number = counted(totals["retired"], "subjects")
        message += f"; retired at {limit} classifications, with fewer here: {number}"
    return f"{message}."


def _of_workflow(inputs: CheckInput, workflow: int) -> Finding:
    """The comparison with the count of the workflow, which counts a subject in several sets several times."""
    versions = inputs.tables["workflow_versions"].filter(workflow_id=workflow)
    count = versions.select(pl.col("classifications_count").max()).collect().item()
    if count is None:
        return Finding("Not compared: no export with the server's counts was imported.")
    ours = row_count(_by_server_rules(inputs.tables["classifications"]))
    totals = {"server": count, "ours": ours, "lacking": max(count - ours, 0), "surplus": max(ours - count, 0)}
    message = f"The server counted {count:,} classifications of the workflow; by the same rules {ours:,} are here."
    if not _differs(totals, inputs):
        return Finding(message, _numbers(totals))
    advice = _advice(totals)
    if totals["lacking"]:
        advice += (
            " Subjects in several sets are counted several times by the server; with a subjects export the counts "
            "of each subject are compared instead."
        )
    return Finding(message, _numbers(totals), passed=False, advice=advice)


def _differs(totals: dict[str, int], inputs: CheckInput) -> bool:
    difference = totals["lacking"] + totals["surplus"]
    return difference >= _FEW and ratio(difference, totals["server"] or 1) > inputs.limits.count_difference


def _numbers(totals: dict[str, int]) -> dict[str, int | float]:
    difference = ratio(totals["lacking"] + totals["surplus"], totals["server"])
    names = {
        "server": "counted by the server",
        "ours": "counted here by the same rules",
        "lacking": "too few here",
        "surplus": "too many here",
        "subjects": "subjects that differ",
        "retired": "retired subjects with fewer than the limit here",
    }
    return {**{names[name]: number for name, number in totals.items()}, "difference / server": difference}


def _advice(totals: dict[str, int]) -> str:
    if totals["lacking"] >= totals["surplus"]:
        return (
            "The classifications export is older than the other exports, or holds only a part of the workflow, "
            "such as one subject set. Download the classifications export of the entire project and import it."
        )
    return (
        "The subjects export or the workflows export is older than the classifications. Download it again and "
        "import it."
    )


def _retirement(inputs: CheckInput, workflow: int) -> int | None:
    """After how many classifications a subject retires; None where another rule applies, or none is known."""
    rules = inputs.tables["workflow_versions"].filter(
        pl.col("workflow_id") == workflow, pl.col("retirement_criteria") == "classification_count"
    )
    limit = rules.select(pl.col("retirement_count").last()).collect().item()
    return int(limit) if limit else None


def _by_server_rules(classifications: pl.LazyFrame) -> pl.LazyFrame:
    gold, seen_before, live = (pl.col(name) for name in ("gold_standard", "seen_before", "live_project"))
    return classifications.filter(~gold.fill_null(False) & ~seen_before.fill_null(False) & live.fill_null(True))


def _counted_by_subject(classifications: pl.LazyFrame) -> pl.LazyFrame:
    """`subject_id` and `ours`: the number of classifications by the server's rules."""
    rows = _by_server_rules(classifications)
    single = rows.filter(pl.col("subject_id").is_not_null()).group_by("subject_id").agg(ours=pl.len())
    several = (
        rows.filter(pl.col("subject_id").is_null())
        .select(subject_id=pl.col("subject_ids").str.split(";"))
        .explode("subject_id")
        .with_columns(pl.col("subject_id").cast(pl.Int64))
        .group_by("subject_id")
        .agg(ours=pl.len())
    )
    return pl.concat([single, several]).group_by("subject_id").agg(pl.col("ours").cast(pl.Int64).sum())
