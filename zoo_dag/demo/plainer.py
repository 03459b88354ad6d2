"""What the demo's tables find of its truth, beside what a plainer method makes of the same answers.

The methods are among those that docs/consensus.md and docs/marks.md compare on many more subjects.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import partial
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

import polars as pl
from rapidfuzz.distance import Levenshtein

from zoo_dag.demo import DemoTruth, WorkflowTruth
from zoo_dag.demo.recovery import read_table
from zoo_dag.store.data_folder import DataFolder

_HIGHLIGHTER, _CURVE, _CORRECTION, _GRID, _SURVEY = "T7", "T9", "T10", "T0", "T0"
_LEAST_IOU = 0.3
_DAYS_APART = 5.0
_LEAST_VOLUNTEERS = 2
_SECONDS_APART = timedelta(seconds=5)

Items = AbstractSet[Hashable]
Dip = tuple[int, float, float]
"""A subject, and the centre and width of a dip."""


class Beside(NamedTuple):
    """Of `n` true items how many the tables have, and how many that are not true; the same of a plainer method."""

    what: str
    n: int
    right: int
    false: int
    method: str
    plainly_right: int
    plainly_false: int


def beside_plainer(folder: DataFolder, truth: DemoTruth) -> list[Beside]:
    """What is found, beside plainer methods; without what the tables of the folder do not have."""
    found = (
        _beside("passages", *_passages(folder, truth.sheets), "letters of most"),
        _beside("dips of a curve", *_dips(folder, truth.sheets), "within 5 days"),
        _beside("words to correct", *_corrections(folder, truth.sheets), "commonest text"),
        _beside("pictures in grids", *_selected(folder, truth.grids), "one vote each"),
        _beside("visits to a camera", *_visits(folder, truth.cameras), "5 s apart"),
        _beside("species of a visit", *_species(folder, truth.cameras), "the first burst"),
    )
    return [row for row in found if row.right]


def _beside(what: str, true: Items, ours: Items, plain: Items, method: str) -> Beside:
    return Beside(
        what, len(true), len(true & ours), len(ours - true), method, len(true & plain), len(plain - true)
    )


def _true(truth: WorkflowTruth, task: str) -> pl.DataFrame:
    return pl.DataFrame(truth.answers[task], infer_schema_length=None)


def _counted(folder: DataFolder, name: str, truth: WorkflowTruth, task: str) -> pl.DataFrame:
    """The rows of an annotation table that count."""
    return read_table(folder, name, truth).filter(pl.col("excluded").is_null(), task=task)


def _passages(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """Passages by subject, label, start and end; plainly the letters that most volunteers highlighted."""
    key = ("subject_id", "label", "start", "end")
    end = pl.col("start") + pl.col("text").str.len_chars().cast(pl.Int64)
    found = read_table(folder, "pooled_highlight_consensus", truth).filter(~pl.col("is_candidate"))
    drawn = _counted(folder, "highlight_annotations", truth, _HIGHLIGHTER)
    marked = drawn.filter(status="answered").with_columns(end=end)
    return (
        set(_true(truth, _HIGHLIGHTER).with_columns(end=end).select(key).iter_rows()),
        set(found.select(key).iter_rows()),
        set(_letters_of_most(marked.select(*key, "user_key"), drawn)),
    )


def _letters_of_most(marked: pl.DataFrame, drawn: pl.DataFrame) -> Iterator[tuple[Hashable, ...]]:
    asked = dict(drawn.group_by("subject_id").agg(pl.col("classification_id").n_unique()).iter_rows())
    each = {
        (subject, label, place, who)
        for subject, label, start, end, who in marked.iter_rows()
        for place in range(start, end)
    }
    votes = Counter(letter[:3] for letter in each)
    most = sorted(letter for letter, n in votes.items() if 2 * n > asked[letter[0]])
    start = 0
    for place, (subject, label, letter) in enumerate(most):
        if most[place + 1 : place + 2] != [(subject, label, letter + 1)]:
            yield subject, label, most[start][2], letter + 1
            start = place + 1


def _dips(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """Dips by subject, centre and width; plainly spans whose centres are within 5 days of the next."""
    key = ("subject_id", "x", "width")
    true = set(_true(truth, _CURVE).select(key).iter_rows())
    found = read_table(folder, "pooled_drawing_consensus", truth).filter(~pl.col("is_candidate"), task=_CURVE)
    drawn = _counted(folder, "drawing_annotations", truth, _CURVE).filter(status="answered")
    return true, _met(true, found.select(key).iter_rows()), _met(true, _near_ones(drawn.select(*key, "user_key")))


def _near_ones(drawn: pl.DataFrame) -> Iterator[Dip]:
    """The mean of spans that follow each other within some days, as a fixed distance joins them."""
    for _, rows in drawn.sort("subject_id", "x").group_by("subject_id", maintain_order=True):
        spans = rows.select("x", "width", "user_key").rows()
        steps = enumerate(pairwise(x for x, *_ in spans), 1)
        breaks = [place for place, (before, after) in steps if after - before > _DAYS_APART]
        for start, end in pairwise([0, *breaks, len(spans)]):
            x, width, who = zip(*spans[start:end], strict=True)
            if len(set(who)) >= _LEAST_VOLUNTEERS:
                yield rows["subject_id"][0], fmean(x), fmean(width)


def _met(true: Iterable[Dip], found: Iterable[Dip]) -> Items:
    """The true dips that the found ones meet, and those that meet none."""
    of_subject = defaultdict(list)
    for dip in true:
        of_subject[dip[0]].append(dip)
    nearest = ((dip, max(of_subject[dip[0]], key=partial(_iou, dip))) for dip in found)
    return {near if _iou(dip, near) >= _LEAST_IOU else dip for dip, near in nearest}


def _iou(one: Dip, other: Dip) -> float:
    (_, x, width), (_, other_x, other_width) = one, other
    low = max(x - width / 2, other_x - other_width / 2)
    common = max(min(x + width / 2, other_x + other_width / 2) - low, 0.0)
    return common / (width + other_width - common)


def _corrections(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """Changed words of the given texts by subject and place; plainly those of the commonest whole text."""
    texts = read_table(folder, "pooled_text_consensus", truth).filter(task=_CORRECTION)
    sent = defaultdict(list)
    typed = _counted(folder, "text_annotations", truth, _CORRECTION).filter(status="answered")
    for subject, text in typed.sort("classification_id").select("subject_id", "text").iter_rows():
        sent[subject].append(text)
    ours = dict(texts.select("subject_id", "text").iter_rows())
    found: tuple[set[Hashable], set[Hashable], set[Hashable]] = (set(), set(), set())
    for row in truth.answers[_CORRECTION]:
        subject, given = row["subject_id"], row["given"]
        (commonest, _), *_ = Counter(sent[subject]).most_common(1) or [(given, 0)]
        for items, text in zip(found, (row["text"], ours.get(subject) or given, commonest), strict=True):
            items |= {(subject, *change) for change in _changes(given, text)}
    return found


def _changes(given: str, text: str) -> Iterator[tuple[str, int, str]]:
    words = text.split()
    for change in Levenshtein.editops(given.split(), words):
        yield change.tag, change.src_pos, "" if change.tag == "delete" else words[change.dest_pos]


def _selected(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """Pictures that most selected; plainly those that were selected in the first grid that showed them."""
    selected = pl.col("answer") == "selected"
    most = read_table(folder, "pooled_question_consensus", truth).filter(selected, pl.col("fraction") > 0.5)
    votes = _counted(folder, "question_annotations", truth, _GRID).sort("classification_id")
    first = votes.group_by("subject_id", maintain_order=True).first().filter(selected)
    true = {row["subject_id"] for row in truth.answers[_GRID]}
    return true, set(most["subject_id"]), set(first["subject_id"])


def _visits(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """The subjects of each visit together; plainly those that follow each other within 5 seconds."""
    subjects = read_table(folder, "subject_summary", truth)
    if "event_id" not in subjects.columns:
        return set(), set(), set()
    in_order = subjects.sort("deployment", "taken_at")
    begins = (pl.col("deployment") != pl.col("deployment").shift()) | (
        pl.col("taken_at") - pl.col("taken_at").shift() > _SECONDS_APART
    )
    gaps = in_order.select("subject_id", event_id=begins.fill_null(value=True).cum_sum())
    true = _true(truth, _SURVEY).select("subject_id", "event_id").unique()
    return _together(true), _together(subjects.select("subject_id", "event_id")), _together(gaps)


def _together(events: pl.DataFrame) -> Items:
    return {frozenset(ids) for ids in events.group_by("event_id").agg("subject_id")["subject_id"]}


def _species(folder: DataFolder, truth: WorkflowTruth) -> tuple[Items, Items, Items]:
    """Species by visit; plainly those of its first burst."""
    subjects = read_table(folder, "subject_summary", truth)
    if "event_id" not in subjects.columns:
        return set(), set(), set()
    key = ("event_id", "choice_label")
    true = _true(truth, _SURVEY).drop_nulls("choice_label")
    present = read_table(folder, "event_consensus", truth).filter("present")
    in_order = subjects.sort("event_id", "taken_at", nulls_last=True)
    first = in_order.group_by("event_id", maintain_order=True).first().filter(~pl.col("T0_is_blank"))
    named = first.with_columns(choice_label=pl.col("T0_choices").str.split("; ")).explode("choice_label")
    return (
        set(true.select(key).iter_rows()),
        set(present.select(key).iter_rows()),
        set(named.select(key).iter_rows()),
    )
