"""The goals of the benchmarks, and which of them the figures of a run meet."""

from collections.abc import Mapping
from typing import NamedTuple

Figures = Mapping[str, Mapping[str, float]]


class Goal(NamedTuple):
    """A goal and what was measured; `met` says whether the value is on the right side of the goal."""

    what: str
    value: float
    goal: float
    unit: str
    met: bool
    at_least: bool = False


class Most(NamedTuple):
    """The largest value that a figure of a measurement may have."""

    what: str
    name: str
    figure: str
    value: float
    unit: str

    def goal(self, found: Figures) -> Goal | None:
        """With what was measured, if it was."""
        measured = found.get(self.name, {}).get(self.figure)
        return (
            None if measured is None else Goal(self.what, measured, self.value, self.unit, measured <= self.value)
        )


SMALL = (
    Most("7 rows, first import", "question 7", "cpu_seconds", 3.0, "CPU s"),
    Most("7 rows, unchanged", "question 7 unchanged", "cpu_seconds", 1.3, "CPU s"),
    Most("`--help`", "--help", "cpu_seconds", 0.2, "CPU s"),
    Most("history of an unchanged import", "question 7 unchanged", "history_kb", 50.0, "kB"),
)
LARGE = (
    Most("500,000 questions", "question 500,000", "ratio", 5.0, "x the limit"),
    Most("500,000 questions, clock", "question 500,000", "wall_to_cpu", 0.6, "x its CPU s"),
    Most("500,000 questions, peak memory", "question 500,000", "peak_gib", 0.8, "GiB"),
    Most("5,000,000 questions, peak memory", "question 5,000,000", "peak_gib", 1.5, "GiB"),
    Most("flatten, drawing", "flatten drawing", "ratio", 4.0, "x orjson.loads"),
    Most("flatten, mixed", "flatten mixed", "ratio", 4.0, "x orjson.loads"),
)
SLOPES = {"question": 3.0, "survey": 4.0, "drawing": 7.0, "mixed": 8.0}
TIMES_FASTER = {"question 50,000": 15.0, "survey 50,000": 8.0, "question 500,000": 60.0}


def goals(found: Figures) -> list[Goal]:
    """All goals for which there are figures."""
    reached = [
        *(most.goal(found) for most in (*SMALL, *LARGE)),
        *_slopes(found),
        *_again(found, "question 500,000"),
        *_of_versions(found),
        *_peers(found),
    ]
    return [goal for goal in reached if goal]


def _slopes(found: Figures) -> list[Goal | None]:
    """What each row of the largest export of a kind costs, against the limit of the same file."""
    largest = {kind: max(_sizes(found, kind), key=_size_of, default="") for kind in SLOPES}
    return [
        Most(f"slope, {name}", name, "slope_ratio", SLOPES[kind], "x the limit").goal(found)
        for kind, name in largest.items()
    ]


def _sizes(found: Figures, kind: str) -> list[str]:
    return [name for name in found if name.startswith(f"{kind} ") and name.count(" ") == 1]


def _size_of(name: str) -> int:
    return int(name.partition(" ")[2].replace(",", ""))


def _again(found: Figures, name: str) -> list[Goal | None]:
    """The same export again, without hashing it; and one that is longer, against the first import."""
    first, again, longer = (found.get(f"{name}{of}") for of in ("", " unchanged", " one tenth longer"))
    if not (first and again and longer):
        return []
    unchanged = round(again["cpu_seconds"] - first["hash_seconds"], 2)
    share = round(100 * longer["cpu_seconds"] / first["cpu_seconds"])
    return [
        Goal("500,000 unchanged, without hashing", unchanged, 1.3, "CPU s", unchanged <= 1.3),
        Goal("500,000, one tenth longer", share, 35.0, "% of the first import", share <= 35),
    ]


def _of_versions(found: Figures) -> list[Goal | None]:
    return [
        Most(f"each further version, of {name}", name, "ms_per_further_version", 50.0, "CPU ms").goal(found)
        for name in found
        if name.endswith(" versions")
    ]


def _peers(found: Figures) -> list[Goal]:
    faster = {name: found.get(f"beside it {name}", {}).get("times_faster") for name in TIMES_FASTER}
    return [
        Goal(f"panoptes_aggregation, {name}", value, least, "x faster", value >= least, at_least=True)
        for (name, value), least in zip(faster.items(), TIMES_FASTER.values(), strict=True)
        if value is not None
    ]
