"""The metadata cell of a classification: the keys that tables use, as columns."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from zoo_dag.exports.cells import different, load_json
from zoo_dag.tables.parsed import CLASSIFICATIONS, DIMENSIONS

METADATA_DTYPES = pl.Schema(
    {
        "metadata_problem": pl.String(),
        "classifier_version": pl.String(),
        "session": pl.String(),
        "started_at": pl.String(),
        "finished_at": pl.String(),
        "user_language": pl.String(),
        "source": pl.String(),
        "live_project": pl.Boolean(),
        "seen_before": pl.Boolean(),
        "translation_bug": pl.Boolean(),
        "already_seen": pl.Boolean(),
        "retired_when_shown": pl.Boolean(),
        "subject_dimensions": CLASSIFICATIONS.dtypes["subject_dimensions"],
        "n_feedback": pl.Int64(),
        "n_feedback_right": pl.Int64(),
    }
)
# The times in a cell, by the end of their keys. One that is cut out leaves a letter that no export has: the server
# cannot store it. What is cut out leaves the same JSON around it.
_LETTERS = "[0-9A-Za-z .:+-]*"
_ANY_TIME = f'_at":"{_LETTERS}"'
_CUT, _AS_JSON = "\0", r"\u0000"
_ANY_TIME_CUT = f'_at":"{_AS_JSON}"'
# Those that tables use.
_TIMES = ("started_at", "finished_at")
# Browsers write all times with so many letters.
_TIME_LETTERS = len("2024-03-05T01:02:03.250Z")
# The sizes of a frame, in the order of DIMENSIONS.
_Sizes = tuple[float | None, float | None, float | None, float | None]
_NO_SIZES: _Sizes = (None, None, None, None)
# The largest side in pixels that is believed.
_LARGEST_SIDE = 1e6
# A truth value, which Python counts as a number, is none.
_NUMBERS = (int, float)
_EMPTY: dict[str, Any] = {}
_NOTHING: Callable[[str], Any] = _EMPTY.get


def metadata_columns(cells: pl.Series) -> pl.DataFrame:
    """Read metadata cells, JSON text, into the columns of METADATA_DTYPES, in the same order.

    The columns are null for a missing cell, and for one that is not a JSON object, which has a sentence in
    `metadata_problem`. Values of an unexpected type are null; numbers in text columns become text.

    The cells of a session differ in little but their times. So these are cut out first, and each cell that is
    left is read once. A cell that is not JSON is read with its times, for the place of the error, and so is one
    in which it is not sure which time a key has.
    """
    rest = cells.str.replace_all(_ANY_TIME, _ANY_TIME_CUT)
    distinct, places = different(rest)
    read = _read(distinct)
    unsure = read["metadata_problem"].is_not_null()
    for name in _TIMES:
        unsure |= _is_cut(read[name]) & (distinct.str.count_matches(_key(name), literal=True) != 1)
    rows, is_unsure = read[places], unsure[places]
    rows = rows.with_columns(_restored(rows[name], cells, _starts(name, distinct)[places]) for name in _TIMES)
    if not is_unsure.any():
        return rows
    number, place = pl.int_range(len(cells)), len(cells) + pl.lit(is_unsure).cum_sum() - 1
    in_both = pl.select(pl.when(is_unsure).then(place).otherwise(number)).to_series()
    return pl.concat([rows, _read(cells.filter(is_unsure))])[in_both]


def _key(name: str) -> str:
    return f'"{name}":'


def _before(name: str) -> str:
    return f'{_key(name)}"'


def _is_cut(times: pl.Series) -> pl.Series:
    return (times == _CUT).fill_null(value=False)


def _starts(name: str, rest: pl.Series) -> pl.Series:
    """Where the time of a key begins in cells that leave `rest`, if all their times are as long as usual."""
    place = rest.str.find(_before(name), literal=True)
    left = pl.DataFrame({"rest": rest.cast(pl.Binary), "place": place})
    n_before = (
        pl.col("rest").bin.slice(0, pl.col("place")).cast(pl.String).str.count_matches(_AS_JSON, literal=True)
    )
    start = pl.col("place") + len(_before(name)) + n_before * (_TIME_LETTERS - len(_AS_JSON))
    return left.select_seq(start=start).to_series()


def _restored(read: pl.Series, cells: pl.Series, starts: pl.Series) -> pl.Series:
    """The times of a key that were read, and those that were cut out of the cells, where it stands once."""
    was_cut = _is_cut(read)
    if not was_cut.any():
        return read
    before = _before(read.name)
    found = pl.DataFrame({"cell": cells.cast(pl.Binary), "start": starts})
    around = found.select_seq(
        pl.col("cell").bin.slice(pl.col("start") - len(before), len(before) + _TIME_LETTERS + 1)
    ).to_series()
    cell, time = pl.col("cell").bin, pl.col("cell").bin.slice(len(before), _TIME_LETTERS)
    ends = cell.starts_with(before.encode()) & cell.ends_with(b'"') & ~time.bin.contains(b'"')
    # Between two quotes all letters are whole.
    times = around.to_frame().select_seq(
        time=pl.when(ends).then(time).cast(pl.String), is_time=ends.fill_null(value=False)
    )
    others = was_cut & ~times["is_time"]
    restored = read.zip_with(~was_cut, times["time"])
    if not others.any():
        return restored
    return restored.scatter(others.arg_true(), cells.filter(others).str.extract(f'{before}({_LETTERS})"', 1))


def _read(cells: pl.Series) -> pl.DataFrame:
    """Read each cell."""
    rows = [_row(cell) for cell in cells]
    values = zip(*rows, strict=True) if rows else ([] for _ in METADATA_DTYPES)
    return pl.DataFrame(
        [
            _column(name, column, dtype)
            for (name, dtype), column in zip(METADATA_DTYPES.items(), values, strict=True)
        ]
    )


def _row(cell: str | None) -> tuple[Any, ...]:
    """The values of one cell, in the order of METADATA_DTYPES; the parsed object is not kept."""
    problem, get = None, _NOTHING
    if cell is not None:
        try:
            value = load_json(cell)
        except ValueError as error:
            problem = str(error)
        else:
            if type(value) is dict:
                get = value.get
            else:
                problem = f"expected a JSON object, found {type(value).__name__}"
    state = get("subject_selection_state")
    state_get = state.get if type(state) is dict else _NOTHING
    return (
        problem,
        get("classifier_version"),
        get("session"),
        get("started_at"),
        get("finished_at"),
        get("user_language"),
        get("source"),
        get("live_project"),
        get("seen_before"),
        get("translation_bug"),
        state_get("already_seen"),
        state_get("retired"),
        _dimensions(get("subject_dimensions")),
        *_feedback(get("feedback")),
    )


def _dimensions(found: Any) -> tuple[_Sizes, ...] | None:
    """The sizes of the frames that were shown, in pixels: natural and on the screen, width and height.

    The mobile app writes a single one, without a list. Of a size that is missing or no size, both sides are null.
    """
    frames = [found] if type(found) is dict else found
    return tuple(map(_sizes, frames)) if type(frames) is list and frames else None


def _sizes(frame: Any) -> _Sizes:
    if type(frame) is not dict:
        return _NO_SIZES
    get = frame.get
    return *_size(get("naturalWidth"), get("naturalHeight")), *_size(get("clientWidth"), get("clientHeight"))


def _size(width: Any, height: Any) -> tuple[float | None, float | None]:
    sides = _side(width), _side(height)
    return (None, None) if None in sides else sides


def _side(value: Any) -> float | None:
    return float(value) if type(value) in _NUMBERS and 0 < value <= _LARGEST_SIDE else None


def _feedback(found: Any) -> tuple[int, int]:
    """How many rules of training feedback were applied to the answers, and how many found them right.

    The cell has the results of the rules by task.
    """
    if type(found) is not dict or not found:
        return 0, 0
    results = [result for of_task in found.values() if type(of_task) is list for result in of_task]
    success = [result.get("success") for result in results if type(result) is dict]
    known = [value for value in map(_flag, success) if value is not None]
    return len(known), sum(known)


def _column(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    if dtype == pl.List:
        return _column_of_dimensions(name, values, dtype)
    try:
        return pl.Series(name, values, dtype, strict=True)
    except TypeError:
        convert = _text if dtype == pl.String else _flag
        return pl.Series(name, [convert(value) for value in values], dtype)


def _column_of_dimensions(name: str, values: Sequence[tuple[_Sizes, ...] | None], dtype: pl.DataType) -> pl.Series:
    """The sizes of the frames of each cell. There are few different ones, and Polars builds lists slowly."""
    places: dict[tuple[_Sizes, ...] | None, int] = {}
    of_cells = [places.setdefault(value, len(places)) for value in values]
    frames = [(place, *sizes) for value, place in places.items() if value for sizes in value]
    schema = {"place": pl.Int64(), **dict.fromkeys(DIMENSIONS, pl.Float64())}
    lists = pl.DataFrame(frames, schema, orient="row").group_by("place").agg(pl.struct(*DIMENSIONS).alias(name))
    every = pl.DataFrame({"place": range(len(places))}, {"place": pl.Int64()})
    distinct = every.join(lists, on="place", how="left", maintain_order="left")[name]
    return distinct.cast(dtype).gather(of_cells)


def _text(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if isinstance(value, str) else str(value) if number else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None
