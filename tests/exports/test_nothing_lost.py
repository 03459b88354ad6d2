"""Rows in = rows out + quarantined + merged, also for damaged exports."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import CLASSIFICATION_COLUMNS, anonymous, cell_text, classification_row, export_bytes
from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.files import identify
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import RawTables
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

ROWS = [
    classification_row(1),
    anonymous(2, subject_ids="101;102"),
    classification_row(3, workflow_version="3.11", annotations=[]),
    classification_row(4, workflow_name='Line1\nLine2, "Vögel"', gold_standard=True, expert="owner"),
    classification_row(5, workflow_version="3.11", annotations=[{"task": "T0", "value": [{"x": 1.5}]}]),
    classification_row(6, workflow_id=12, workflow_version="1.1"),
]
CONTENT = export_bytes(ROWS, CLASSIFICATION_COLUMNS)
HEADER, _, BODY = CONTENT.partition(b"\n")
# The row of which a cell has several lines.
MANY_LINES = 3
NOTHING_YET = RawTables(
    {}, None, None, {}, *(TABLES[name].empty() for name in ("raw_quarantine", "imports", "forgotten"))
)
CELLS = [[cell_text(row[name]) for name in CLASSIFICATION_COLUMNS] for row in ROWS]

lasting = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))

Damage = Callable[[list[str]], list[str]]
places = st.integers(0, len(CLASSIFICATION_COLUMNS) - 1)
JUNK = (
    *("", '""', "NA", "NaN", "null", "0", "-1", "1e999", "true", "{", "[]", "{}", "[NaN]", '"[""\\ud800""]"'),
    *("3.10", "9999999999999999999999", "2024-02-30 00:00:00 UTC", "\x00", "\ufeff", "\u2028", " ", "x;y", ";"),
    *(
        '"{""started_at"":5,""session"":[],""live_project"":""perhaps"",""subject_selection_state"":3}"',
        '"[[[]]]"',
    ),
)


def replaced(place: int, junk: str) -> Damage:
    return lambda cells: [*cells[:place], junk, *cells[place + 1 :]]


def cut(place: int, kept: float) -> Damage:
    """A cell is cut as Excel cuts it: it stays a sound cell of CSV, but is no JSON any more."""

    def damage(cells: list[str]) -> list[str]:
        cell = cells[place]
        quoted = cell.startswith('"')
        text = cell[1:-1].replace('""', '"') if quoted else cell
        return replaced(place, cell_text(text[: int(len(text) * kept)]))(cells)

    return damage


def shortened(place: int) -> Damage:
    # The id stays, since a line of nothing is no row.
    return lambda cells: cells[: place + 1]


def lengthened(number: int) -> Damage:
    return lambda cells: [*cells, *["x"] * number]


damages = st.one_of(
    st.builds(replaced, places, st.sampled_from(JUNK)),
    st.builds(cut, places, st.floats(0, 1)),
    st.builds(shortened, places),
    st.builds(lengthened, st.integers(1, 3)),
)


def check_row_accounting(body: bytes, n_rows: int | None = None) -> set[int]:
    """Import and parse an export, and assert that all sums match; returns the ids of the classifications."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(HEADER + b"\n" + body)
        staging = Path(folder) / "staging"
        staging.mkdir()
        imported = import_exports([identify(path)], NOTHING_YET, staging)
        assert imported.imports is not None
        assert imported.quarantine is not None
        (found, quarantined) = imported.imports.select("n_rows", "n_quarantined").row(0)
        assert quarantined == imported.quarantine.height
        assert found == quarantined + sum(version.reads.n_read for version in imported.classifications.values())
        assert n_rows is None or found == n_rows
        ids: set[int] = set()
        for key, version in imported.classifications.items():
            raw = version.frame.collect()
            assert raw.height == version.n_rows == version.reads.n_read - version.reads.n_merged
            (staging / key).mkdir()
            parsed = parse_classifications(raw.lazy(), TABLES["tasks"].empty().lazy(), Settings(), staging / key)
            classifications, quarantine = parsed.classifications.collect(), parsed.quarantine.collect()
            assert classifications.height + quarantine.height == raw.height
            ids.update(classifications["classification_id"])
        return ids


@lasting
# The first rows are longer, as where R wrote names of rows.
@example(damaged={number: [lengthened(1)] for number in range(3)})
@given(damaged=st.dictionaries(st.integers(0, len(ROWS) - 1), st.lists(damages, min_size=1, max_size=3)))
def test_damaged_cells_cost_only_their_row(damaged: dict[int, list[Damage]]) -> None:
    lines = []
    for number, cells in enumerate(CELLS):
        for damage in damaged.get(number, []):
            # What was cut off cannot be damaged again.
            cells = damage([*cells, *[""] * (len(CLASSIFICATION_COLUMNS) - len(cells))])  # noqa: PLW2901
        lines.append(",".join(cells))
    # A broken row of several lines is set aside line by line, and a row of empty cells may be taken for none.
    empty = any(not line.strip(',"') for line in lines)
    n_rows = None if empty or MANY_LINES in damaged else len(ROWS)
    ids = check_row_accounting("\n".join(lines).encode() + b"\n", n_rows)
    assert {1001 + number for number in range(len(ROWS)) if number not in damaged} <= ids


changes = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(["insert", "delete", "replace"]),
    st.sampled_from([b'"', b'""', b'",', b',"', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xc3", b"{"]),
    st.integers(1, 40),
)


@lasting
@given(damage=st.lists(changes, min_size=1, max_size=6))
def test_damaged_bytes_never_break_the_import_or_the_row_accounting(
    damage: list[tuple[float, str, bytes, int]],
) -> None:
    body = BODY
    for place, how, junk, length in damage:
        start = int(place * len(body))
        end = start + {"insert": 0, "delete": length, "replace": len(junk)}[how]
        body = body[:start] + (b"" if how == "delete" else junk) + body[end:]
    check_row_accounting(body)


@settings(lasting, max_examples=20)
@given(end=st.integers(0, len(BODY)))
def test_a_download_that_broke_off_keeps_all_rows_before(end: int) -> None:
    whole = [number for number in range(1, len(ROWS) + 1) if len(body_of(number)) <= end]
    assert {1000 + number for number in whole} <= check_row_accounting(BODY[:end])


def body_of(number: int) -> bytes:
    """The body of an export of the first `number` rows."""
    return export_bytes(ROWS[:number], CLASSIFICATION_COLUMNS).partition(b"\n")[2]
