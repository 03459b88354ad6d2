"""What choices of volunteers, and answers about them, are in the terms of Camtrap DP."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.formats.camtrap_dp.tables import CHOICES
from zoo_dag.wording.printable import printable
from zoo_dag.wording.sentences import counted

BLANK = {"observation_type": "blank"}
# What an answer that most volunteers gave about a choice may say of it.
_OF_ANSWERS = ("life_stage", "sex", "behavior")


class Choices:
    """The table of `camtrap_dp.choices`, by id or label; upper and lower case are the same."""

    def __init__(self, table: pl.DataFrame, file: Path) -> None:
        """Takes what `choices_table` returns, and its file for messages."""
        self._rows = {str(row["choice_id"]).casefold(): row for row in table.iter_rows(named=True)}
        self._file = file

    def of(self, choice_id: str | None, label: str | None) -> Mapping[str, Any]:
        """What a choice is; an empty mapping for one that the table does not have."""
        named = (self._rows.get(name.casefold()) for name in (choice_id, label) if name)
        return next(filter(None, named), {})

    def require(self, choices: Iterable[tuple[str | None, str | None]]) -> None:
        """Raises SettingsError, with lines to paste, where any of the choices, by id and label, has no type."""
        unknown = (pair for pair in choices if not self.of(*pair).get("observation_type"))
        missing = sorted({label or choice_id or "" for choice_id, label in unknown})
        if not missing:
            return
        lines = io.StringIO()
        csv.writer(lines, lineterminator="\n").writerows([printable(name), "animal", ""] for name in missing)
        there = "lacks" if self._file.exists() else "does not exist, and needs"
        raise SettingsError(
            f"camtrap_dp.choices: {self._file} {there} {counted(len(missing), 'choices')} of volunteers. Each "
            "has a row with its type (animal, human, vehicle, blank, unknown, unclassified) and scientific name:",
            ("choice_id,observation_type,scientific_name", *lines.getvalue().splitlines()),
        )

    def with_answers(self, choice: Mapping[str, Any], answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """What a choice is, with what more than half of the volunteers answered about it."""
        found = {name: choice.get(name) for name in CHOICES}
        said: dict[str, list[str]] = {name: [] for name in _OF_ANSWERS}
        for answer in answers:
            if answer["fraction"] is not None and answer["fraction"] > 0.5:
                row = self.of(answer["answer_id"], answer["answer_label"])
                for name in _OF_ANSWERS:
                    if row.get(name):
                        said[name].append(row[name])
        for name, values in said.items():
            distinct = list(dict.fromkeys(values))
            # Behaviours are many, an age or a sex is one.
            if distinct and found[name] is None and (name == "behavior" or len(distinct) == 1):
                found[name] = " | ".join(distinct)
        return found
