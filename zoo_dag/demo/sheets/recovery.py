"""How much of the truth about the field sheets is in their consensus, task by task."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean
from typing import Any, NamedTuple

import polars as pl
from rapidfuzz.distance import Levenshtein

from zoo_dag.demo.sheets.mark_recovery import Match, matched_lines, matched_marks
from zoo_dag.demo.sheets.marks import Mark, Tool
from zoo_dag.demo.sheets.subjects import TOOLS
from zoo_dag.demo.sheets.truth import SheetTruth
from zoo_dag.demo.sheets.workflow import COVER, DRAWING, NOTE, PASSAGES, SELECTS, SKY, SURVEY, TRANSCRIPTION

TABLES_USED = (
    "pooled_survey_consensus",
    "pooled_drawing_consensus",
    "pooled_text_consensus",
    "pooled_dropdown_consensus",
    "pooled_slider_consensus",
    "highlight_annotations",
)
_SLIDER_TOLERANCE = 5.0


class Recovered(NamedTuple):
    """Of `n` true things `right` were found as they are, and `false` others.

    `error` is how far off is what is found; `false` is null where nothing can be found that is not asked for.
    """

    task: str
    what: str
    n: int
    right: int
    false: int | None = None
    error: float | None = None
    unit: str | None = None


SCHEMA = pl.Schema(
    {
        "task": pl.String(),
        "what": pl.String(),
        "n": pl.Int64(),
        "right": pl.Int64(),
        "false": pl.Int64(),
        "error": pl.Float64(),
        "unit": pl.String(),
    }
)


def recovered_sheets(tables: Mapping[str, pl.DataFrame], truth: SheetTruth) -> pl.DataFrame:
    """How much of the truth is found: one row for each thing that a task asks for, with the fields of `Recovered`.

    `tables` are those named in TABLES_USED. Units of `error`: `px`, pixels between what is found and what is true;
    `IoU`, area in common by area of both together; `WER`, wrong words by words; `percent`, as on the slider.
    """
    rows = [
        *_species(tables["pooled_survey_consensus"], truth),
        *_objects(tables["pooled_drawing_consensus"], truth),
        *_lines(tables["pooled_text_consensus"], truth),
        _notes(tables["pooled_text_consensus"], truth),
        *_chosen(tables["pooled_dropdown_consensus"], truth),
        _cover(tables["pooled_slider_consensus"], truth),
        _passages(tables["highlight_annotations"], truth),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _by_subject(table: pl.DataFrame, task: str, frame: pl.Expr | None = None) -> dict[int, list[dict[str, Any]]]:
    rows = defaultdict(list)
    kept = table.filter(pl.col("task") == task) if frame is None else table.filter(pl.col("task") == task, frame)
    for row in kept.iter_rows(named=True):
        rows[int(row["subject_id"])].append(row)
    return rows


def _species(table: pl.DataFrame, truth: SheetTruth) -> Iterator[Recovered]:
    """Species are there where they are among the first so many as volunteers named, as in Snapshot Serengeti."""
    found = {
        subject: {row["choice_label"]: row for row in rows if row["rank"] <= round(row["n_choices"] + 1e-9)}
        for subject, rows in _by_subject(table, SURVEY, pl.col("choice_id").is_not_null()).items()
    }
    right = sum(set(found.get(subject, ())) == set(named) for subject, named in truth.species.items())
    yield Recovered(SURVEY, "species of a sheet", len(truth.species), right)
    both = [
        (row, named[label])
        for subject, named in truth.species.items()
        for label, row in found.get(subject, {}).items()
        if label in named and named[label].count is not None
    ]
    counted = sum(row["count_median"] == animal.count for row, animal in both)
    yield Recovered(SURVEY, "how many of a species", len(both), counted)
    doing = sum(_common_answers(row, "DOING") == animal.doing for row, animal in both)
    yield Recovered(SURVEY, "what a species does", len(both), doing)


def _common_answers(row: Mapping[str, Any], question: str) -> set[str]:
    return {
        answer["answer_label"]
        for answer in row["answers"]
        if answer["question_id"] == question and answer["fraction"] > 0.5
    }


def _objects(table: pl.DataFrame, truth: SheetTruth) -> Iterator[Recovered]:
    clusters = _by_subject(table, DRAWING, pl.col("cluster_index").is_not_null())
    answers: list[bool] = []
    for tool in TOOLS:
        matches: list[Match[Mark]] = []
        n = false = 0
        for subject, objects in truth.objects.items():
            true = [thing for thing in objects if thing.tool == tool]
            found = [row for row in clusters.get(subject, []) if row["tool_label"] == tool.label]
            mine = matched_marks(true, found)
            matches += mine
            n, false = n + len(true), false + len(found) - len(mine)
        unit = "px" if tool.type in ("point", "line", "freehandLine") else "IoU"
        yield Recovered(DRAWING, _name(tool), n, len(matches), false, _mean(matches), unit)
        if tool.question:
            answers += [_answer(match.found) == tool.answers[match.true.answer or 0] for match in matches]
    yield Recovered(DRAWING, "answer about a nest", len(answers), sum(answers))


def _name(tool: Tool) -> str:
    kind = {"rotateRectangle": "turned box", "rectangle": "box", "freehandLine": "path"}.get(tool.type, tool.type)
    return f"{tool.label} ({kind})"


def _answer(row: Mapping[str, Any]) -> str | None:
    return next((detail["answer_label"] for detail in row["details"] or []), None)


def _mean(matches: Iterable[Match[Any]]) -> float | None:
    errors = [match.error for match in matches]
    return fmean(errors) if errors else None


def _lines(table: pl.DataFrame, truth: SheetTruth) -> Iterator[Recovered]:
    found = _by_subject(table, TRANSCRIPTION, pl.col("line_index").is_not_null())
    n = false = exact = 0
    errors: list[float] = []
    words = wrong = 0
    for subject, lines in truth.lines.items():
        rows = found.get(subject, [])
        matches = matched_lines(lines, rows)
        texts = {match.true.text: match.found["text"] for match in matches}
        errors += [match.error for match in matches]
        n, false = n + len(lines), false + len(rows) - len(matches)
        for line in lines:
            text = texts.get(line.text, "")
            exact += _plain(text) == line.text
            words, wrong = words + len(line.text.split()), wrong + _wrong_words(text, line.text)
    yield Recovered(TRANSCRIPTION, "lines", n, len(errors), false, fmean(errors) if errors else None, "px")
    yield Recovered(TRANSCRIPTION, "text of a line", n, exact, None, wrong / words, "WER")


def _notes(table: pl.DataFrame, truth: SheetTruth) -> Recovered:
    found = {subject: rows[0]["text"] or "" for subject, rows in _by_subject(table, NOTE).items()}
    words = sum(len(note.split()) for note in truth.notes.values())
    wrong = sum(_wrong_words(found.get(subject, ""), note) for subject, note in truth.notes.items())
    exact = sum(_plain(found.get(subject, "")) == note for subject, note in truth.notes.items())
    return Recovered(NOTE, "remark", len(truth.notes), exact, None, wrong / words, "WER")


def _plain(text: str) -> str:
    return text.replace("[unclear]", "").replace("[/unclear]", "")


def _wrong_words(found: str, true: str) -> int:
    return Levenshtein.distance(_plain(found).split(), true.split())


def _chosen(table: pl.DataFrame, truth: SheetTruth) -> Iterator[Recovered]:
    for task in (SELECTS, SKY):
        winners = _by_subject(table, task, (pl.col("rank") == 1) & ~pl.col("tied"))
        for place, title in enumerate(("Habitat", "Season") if task == SELECTS else ("Sky",)):
            right = sum(
                any(
                    row["select_index"] == place
                    and (row["option_label"] or row["free_text"]) == chosen[task][place]
                    for row in winners.get(subject, [])
                )
                for subject, chosen in truth.chosen.items()
            )
            yield Recovered(task, f"select {title}", len(truth.chosen), right)


def _cover(table: pl.DataFrame, truth: SheetTruth) -> Recovered:
    found = _by_subject(table, COVER, pl.col("median").is_not_null())
    errors = [abs(rows[0]["median"] - truth.cover[subject]) for subject, rows in found.items()]
    right = sum(error <= _SLIDER_TOLERANCE for error in errors)
    return Recovered(COVER, "percent within 5", len(truth.cover), right, None, fmean(errors), "percent")


def _passages(table: pl.DataFrame, truth: SheetTruth) -> Recovered:
    """There is no consensus table of highlights: what more than half of the volunteers mark is found."""
    rows = table.filter(pl.col("task") == PASSAGES, pl.col("excluded").is_null())
    voters = pl.col("classification_id").n_unique()
    seen = rows.group_by("subject_id").agg(n=voters)
    votes = rows.drop_nulls("start").group_by("subject_id", "start", "text", "label").agg(votes=voters)
    common = votes.join(seen, on="subject_id").filter(pl.col("votes") * 2 > pl.col("n"))
    found = set(common.select("subject_id", "start", "text", "label").iter_rows())
    true = {(subject, *_fields(passage)) for subject, passages in truth.passages.items() for passage in passages}
    return Recovered(PASSAGES, "passages", len(true), len(found & true), len(found - true))


def _fields(passage: Any) -> tuple[int, str, str]:
    return passage.start, passage.text, passage.label
