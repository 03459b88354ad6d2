"""Checks of highlights: their offsets fit their texts, and the texts that they are in stayed the same."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.task_types.highlights.passages import letters
from zoo_dag.wording.sentences import counted, quoted, share, verb

TABLE = "highlight_annotations"
_PLACE = ("subject_ids", "task", "start", "length")


def offsets_fit_the_texts(inputs: CheckInput) -> Finding:
    """Whether each highlight ends where its text does: `end` is its last letter, or the one behind it."""
    beyond = pl.col("end") - pl.col("start") - pl.col("length")
    wrong = ~beyond.is_between(-1, 0)
    rows = _answered(inputs)
    columns = ("classification_id", "subject_ids", "task", "start", "end", "text")
    found = rows.filter(wrong).sort("classification_id", "start").select(*columns, "length")
    total, first = pl.collect_all([rows.select(pl.len(), wrong.sum().alias("wrong")), found.head(5)])
    n, n_wrong = total.row(0)
    numbers = {"highlights": n, "with another end than their text": n_wrong}
    if not n_wrong:
        return Finding(f"All of {counted(n, 'highlights')} end where their text does.", numbers)
    example = first.row(0, named=True)
    return Finding(
        f"{share(n_wrong, n, 'highlights')} {verb(n_wrong, 'has', 'have')} offsets beyond or short of "
        f"{verb(n_wrong, 'its text', 'their texts')}, such as {example['start']:,} to {example['end']:,} for "
        f"{quoted(example['text'])}, which has {counted(example['length'], 'letters')}.",
        numbers,
        passed=False,
        advice="Their start and the length of their text count, so nothing is lost.",
        examples=first.drop("length"),
    )


def texts_stay_the_same(inputs: CheckInput) -> Finding:
    """Whether highlights at the same place of a subject have the same text; else somebody edited the subject."""
    places = _answered(inputs).group_by(_PLACE).agg(texts=pl.col("text").unique().sort())
    differing = places.filter(pl.col("texts").list.len() > 1).sort(_PLACE).collect()
    subjects = differing["subject_ids"].n_unique()
    numbers = {"subjects with several texts": subjects}
    if not subjects:
        return Finding("Highlights at the same place of a subject have the same text.", numbers)
    example = differing.row(0, named=True)
    one, other = example["texts"][:2]
    return Finding(
        f"On {counted(subjects, 'subjects')} highlights at the same place have different texts, such as "
        f"{quoted(one)} and {quoted(other)} on subject {example['subject_ids']}.",
        numbers,
        passed=False,
        advice="The text of these subjects was changed while volunteers read it: their spans mix offsets of both.",
        examples=differing.with_columns(pl.col("texts").list.join(" | ")).head(5),
    )


def _answered(inputs: CheckInput) -> pl.LazyFrame:
    return inputs.tables[TABLE].filter(pl.col("status") == "answered").with_columns(length=letters(pl.col("text")))
