"""CSV tables from outside that the settings name: choices, and deployments with their coordinates."""

from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.formats.camtrap_dp.fields import DEPLOYMENTS, OBSERVATIONS, Field, problem
from zoo_dag.store.given_tables import given_table
from zoo_dag.wording.sentences import listed, quoted

_OF_DEPLOYMENTS = {field.name: field for field in DEPLOYMENTS}
_OF_OBSERVATIONS = {field.name: field for field in OBSERVATIONS}
# Our names of columns beside those of Camtrap DP.
_RENAMED = {"deployment": "deploymentID", "start": "deploymentStart", "end": "deploymentEnd"}
CHOICES = {
    "choice_id": None,
    "observation_type": "observationType",
    "scientific_name": "scientificName",
    "taxon_rank": None,
    "life_stage": "lifeStage",
    "sex": "sex",
    "behavior": "behavior",
}
_RANKS = ("kingdom", "phylum", "class", "order", "family", "genus", "species", "subspecies")


def choices_table(file: Path) -> pl.DataFrame:
    """What choices and answers stand for: the columns of `CHOICES`, String, a row for each `choice_id`.

    A row without an observation type is of an answer about a choice, such as `young`. No rows where there is no
    file yet. Raises SettingsError.
    """
    if not file.exists():
        return pl.DataFrame(schema=dict.fromkeys(CHOICES, pl.String()))
    setting = "camtrap_dp.choices"
    table = given_table(file, setting, "row")
    required = ["choice_id", "observation_type", "scientific_name"]
    if missing := [name for name in required if name not in table.columns]:
        raise SettingsError(f"{setting}: {file} has no column {listed(missing)}. Expected {', '.join(CHOICES)}.")
    table = table.drop_nulls("choice_id")
    empty = (pl.lit(None, pl.String).alias(name) for name in CHOICES if name not in table.columns)
    table = table.with_columns(empty)
    wrong = []
    for name, of in CHOICES.items():
        if of:
            rules = _OF_OBSERVATIONS[of].constraints
            optional = {rule: value for rule, value in rules.items() if rule != "required"}
            wrong += _wrong(table, name, Field(of, constraints=optional))
    wrong += _wrong(table, "taxon_rank", Field("taxonRank", constraints={"enum": _RANKS}))
    again = table.filter(pl.col("choice_id").is_duplicated())["choice_id"].unique(maintain_order=True)
    wrong += [f"{quoted(name)} has several rows" for name in again]
    if wrong:
        raise SettingsError(f"{setting}: {file}: {'; '.join(wrong[:5])}.")
    return table.select(list(CHOICES))


def deployment_facts(file: Path) -> pl.DataFrame:
    """What the table of `events.deployments` says of each deployment in the fields of Camtrap DP, as text.

    A row for each `deploymentID`, without start and end. Raises SettingsError where a value is none of its field.
    """
    setting = "events.deployments"
    table = given_table(file, setting, "row")
    # Where a table has both, ours counts, as it does for events.
    renamed = {ours: name for ours, name in _RENAMED.items() if ours in table.columns}
    table = table.drop(renamed.values(), strict=False).rename(renamed)
    names = [name for name in _OF_DEPLOYMENTS if name in table.columns]
    if missing := [name for name in ("deploymentID", "latitude", "longitude") if name not in table.columns]:
        raise SettingsError(
            f"{setting}: {file} has no column {listed(missing)}. Camtrap DP asks for where each camera stood: "
            "deployment, start, end, latitude, longitude."
        )
    facts = [name for name in names if name not in ("deploymentStart", "deploymentEnd")]
    wrong = [each for name in facts for each in _wrong(table, name, _OF_DEPLOYMENTS[name])]
    if wrong:
        raise SettingsError(f"{setting}: {file}: {'; '.join(wrong[:5])}.")
    of_one = table.select("row", *facts).unique(facts, keep="first", maintain_order=True)
    again = of_one.filter(pl.col("deploymentID").is_duplicated())
    if again.height:
        raise SettingsError(
            f"{setting}: {file}: the rows {listed(map(str, again['row']))} say different things of one "
            "deployment. Name its placements differently."
        )
    return of_one.drop("row")


def _wrong(table: pl.DataFrame, name: str, of: Field) -> list[str]:
    """What is wrong with a column of a table, a part of a sentence for each of its rows."""
    found = ((row, text, problem(text, of)) for row, text in table.select("row", name).iter_rows())
    return [f"row {row}: {name} {quoted(text or '')} {wrong}" for row, text, wrong in found if wrong]
