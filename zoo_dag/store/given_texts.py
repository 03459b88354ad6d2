"""The texts that volunteers were given to correct: no export of classifications has them.

They come from a field of the subjects' metadata (`texts.original`), from a CSV (`texts.original_table`), or from
the files that `zoo-dag fetch --texts` saved in the data folder; where a subject has several, in this order. They
are never guessed from what volunteers sent.
"""

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import orjson
import polars as pl

from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import counted, listed, quoted, verb

# The name of the given texts among the tables of a consensus, and that of the sentences about them.
GIVEN_TEXTS, PROBLEMS = "given_texts", "given_text_problems"
FOLDER = "texts"
_SCHEMA = pl.Schema({"subject_ids": pl.String(), "given": pl.String()})
_SUBJECTS, _SHOWN = TABLES["subjects"], TABLES["shown_subjects"]


class GivenTexts(NamedTuple):
    """Given texts by `subject_ids`, and what is wrong with their sources, in sentences."""

    texts: pl.DataFrame
    problems: tuple[str, ...] = ()


NO_TEXTS = GivenTexts(pl.DataFrame(schema=_SCHEMA))


def given_texts(folder: DataFolder, workflow_id: int) -> GivenTexts:
    """The given texts of the subjects of a workflow: `subject_ids, given`, both text, a row for each subject.

    A text of white space is none.
    """
    settings = folder.settings.texts
    found: list[pl.DataFrame] = []
    problems: list[str] = []
    for texts, sentences in (
        _of_metadata(folder, workflow_id, settings.original) if settings.original else NO_TEXTS,
        read_text_table(folder.root / settings.original_table) if settings.original_table else NO_TEXTS,
        _of_files(folder.root / FOLDER),
    ):
        found.append(texts.filter(pl.col("given").str.contains(r"\S")))
        problems += sentences
    first = pl.concat(found).unique("subject_ids", keep="first", maintain_order=True)
    return GivenTexts(first, tuple(problems))


def sources_of_given_texts(folder: DataFolder, workflow_id: int | None) -> dict[str, str]:
    """What given texts are read from, by name, each with a text that changes with it."""
    settings, files = folder.settings.texts, folder.tables
    found = {}
    if settings.original:
        keys = files.select_keys(_SHOWN, workflow_id, None)
        versions = (files.data_version(_SUBJECTS), *(files.data_version(_SHOWN, key) for key in keys))
        found["metadata with given texts"] = _digest(map(str, versions))
    if settings.original_table:
        found["table of given texts"] = _digest(_states([folder.root / settings.original_table]))
    saved = folder.root / FOLDER
    if saved.is_dir():
        found["files of given texts"] = _digest(_states(sorted(saved.glob("*.txt"))))
    return found


def read_text_table(path: Path) -> GivenTexts:
    """Given texts from a CSV with the columns `subject_id` and `text`.

    A subject that is there twice with different texts has none: nobody knows which volunteers saw.
    """
    try:
        rows = pl.read_csv(path, infer_schema=False, glob=False)
    except FileNotFoundError:
        return _none(f"{path.name} (texts.original_table) is not in the data folder.")
    except (OSError, pl.exceptions.PolarsError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return _none(f"{path.name} (texts.original_table) cannot be read as a CSV: {quoted(first)}.")
    missing = [name for name in ("subject_id", "text") if name not in rows.columns]
    if missing:
        columns = listed(map(quoted, rows.columns))
        return _none(f"{path.name} (texts.original_table) has no column {' and '.join(missing)}, but {columns}.")
    rows = rows.with_row_index("row", 1).with_columns(pl.col("subject_id").str.strip_chars())
    is_id = pl.col("subject_id").str.contains(r"^[0-9]{1,18}$").fill_null(False)
    problems = []
    unread = rows.filter(~is_id)
    if unread.height:
        row, cell = unread.row(0)[:2]
        problems.append(
            f"In {path.name}, {counted(unread.height, 'rows')} without an id: row {row} has {quoted(cell or '')}."
        )
    known = rows.filter(is_id).with_columns(subject_ids=pl.col("subject_id").cast(pl.Int64).cast(pl.String))
    twice = known.filter(pl.col("subject_ids").is_duplicated())
    several = twice.group_by("subject_ids").agg("row", texts=pl.col("text").n_unique()).sort("subject_ids")
    if several.height:
        subject, places, _ = several.row(0)
        differing = several.filter(pl.col("texts") > 1).height
        problems.append(
            f"In {path.name}, {counted(several.height, 'subjects')} {verb(several.height, 'stands', 'stand')} "
            f"several times, such as {subject} in rows {listed(map(str, places))}; {differing:,} of them with "
            "different texts, which do not count."
        )
    unclear = several.filter(pl.col("texts") > 1)
    texts = known.join(unclear, on="subject_ids", how="anti", maintain_order="left")
    texts = texts.select("subject_ids", given="text").unique("subject_ids", keep="first", maintain_order=True)
    return GivenTexts(texts, tuple(problems))


def _of_metadata(folder: DataFolder, workflow_id: int, field: str) -> GivenTexts:
    """The texts in a field of the metadata, of the newest subjects export, else as shown to volunteers."""
    files = folder.tables
    shown = files.scan_all(_SHOWN, files.select_keys(_SHOWN, workflow_id, None)).sort("classification_id")
    parts = [shown.select("subject_id", "metadata")]
    if files.is_current(_SUBJECTS):
        subjects = files.scan(_SUBJECTS).filter(workflow_id=workflow_id)
        in_order = subjects.sort("is_current", "updated_at", nulls_last=False, maintain_order=True)
        parts.append(in_order.select("subject_id", "metadata"))
    newest = pl.concat(parts).drop_nulls().unique("subject_id", keep="last", maintain_order=True).collect()
    texts: dict[str, str] = {}
    names: Counter[str] = Counter()
    for subject, cell in newest.iter_rows():
        metadata = _fields(cell)
        names.update(metadata.keys())
        if isinstance(metadata.get(field), str):
            texts[str(subject)] = str(metadata[field])
    if names and field not in names:
        near = difflib.get_close_matches(field, names, n=1, cutoff=0)
        return _none(
            f"No subject has the metadata field {quoted(field)} (texts.original); did you mean {quoted(near[0])}?"
        )
    return GivenTexts(pl.DataFrame(list(texts.items()), schema=_SCHEMA, orient="row"))


def _fields(cell: str) -> dict[str, object]:
    try:
        metadata = orjson.loads(cell)
    except ValueError:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _of_files(folder: Path) -> GivenTexts:
    """The texts that were fetched, a file for each subject."""
    paths = sorted(path for path in folder.glob("*.txt") if path.stem.isdecimal())
    rows = [(path.stem, path.read_text(encoding="utf-8", errors="replace")) for path in paths]
    return GivenTexts(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _none(problem: str) -> GivenTexts:
    return GivenTexts(NO_TEXTS.texts, (problem,))


def _states(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            yield f"{path.name} missing"
        else:
            yield f"{path.name} {state.st_size} {state.st_mtime_ns}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
