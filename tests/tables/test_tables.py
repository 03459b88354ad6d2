"""What holds of every table: its columns are described, have known dtypes, and name sources that are upstream."""

import dataclasses

import dagster as dg
import polars as pl
import pytest

from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import (
    FLATTENED,
    STAGES,
    TABLES,
    Table,
    consensus,
    events,
    flattened,
    ledger,
    parsed,
    pooled,
    posteriors,
    raw,
    votes,
)
from zoo_dag.tables.columns import (
    by_table,
    count,
    flag,
    identifier,
    identifiers,
    index,
    local_time,
    measure,
    moment,
    text,
    texts,
)

DERIVED = [name for name, table in TABLES.items() if table.stage != "raw"]
# Columns that the run itself says: the partition that it is for, and constants.
SAID_BY_THE_RUN = {
    "tasks": {"workflow_version"},
    "parsed_quarantine": {"stage", "kind", "annotation_index", "row"},
    "flattened_quarantine": {"column", "stage", "source_file", "source_row", "kind", "row"},
    "text_consensus": {"method"},
    "pooled_text_consensus": {"method"},
    "version_accounting": {"workflow_id", "workflow_version", "stage", "unit"},
}
KINDS = [
    each("Any").dtype
    for each in (count, flag, identifier, identifiers, index, local_time, measure, moment, text, texts)
]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The assets that each asset is built from, directly or indirectly."""
    definitions = build_definitions(DataFolder(tmp_path_factory.mktemp("data")))
    graph = definitions.resolve_asset_graph()

    def ancestors(key: dg.AssetKey) -> set[dg.AssetKey]:
        parents = graph.get(key).parent_keys
        return set(parents).union(*map(ancestors, parents))

    return {
        key.to_user_string(): {each.to_user_string() for each in ancestors(key)}
        for key in graph.get_all_asset_keys()
    }


def fields(dtype: pl.DataType) -> dict[str, pl.DataType]:
    """The fields of the structs in a column, however deep."""
    if isinstance(dtype, pl.List):
        return fields(dtype.inner)
    if not isinstance(dtype, pl.Struct):
        return {}
    own = {field.name: field.dtype for field in dtype.fields}
    return own | {name: inner for field in dtype.fields for name, inner in fields(field.dtype).items()}


def test_names_of_tables_are_unique_and_their_order_is_that_of_the_stages():
    modules = (raw, parsed, flattened, consensus, pooled, posteriors, votes, events, ledger)
    declared = [table for each in modules for table in each.TABLES]
    assert [table.name for table in declared] == list(TABLES)
    assert list(dict.fromkeys(table.stage for table in declared)) == list(STAGES)
    assert [name for name, table in TABLES.items() if name.endswith("_annotations")] == list(FLATTENED)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_described_and_so_is_every_field_in_it(name):
    for column_name, column in TABLES[name].columns.items():
        assert column.description.strip(), f"{name}.{column_name}"
        for field in fields(column.dtype):
            _, marker, meaning = column.description.partition(f"`{field}`: ")
            assert marker, f"{name}.{column_name}: {field}"
            assert meaning[0] not in "`. ", f"{name}.{column_name}: {field}"


@pytest.mark.parametrize("name", TABLES)
def test_a_column_has_the_dtype_of_its_kind(name):
    for column_name, dtype in TABLES[name].dtypes.items():
        nested = fields(dtype)
        assert all(each in KINDS for each in (nested.values() if nested else [dtype])), f"{name}.{column_name}"
        for each, of_field in {column_name: dtype, **nested}.items():
            if each.endswith("_index"):
                assert of_field == pl.Int32, f"{name}.{column_name}: {each}"
            if each.endswith("_at"):
                is_text = TABLES[name].layout is not None
                assert of_field == (pl.String if is_text else pl.Datetime("us", "UTC")), f"{name}.{column_name}"


@pytest.mark.parametrize("name", DERIVED)
def test_every_source_is_a_column_of_an_upstream_asset(name, upstream):
    assert name not in upstream[name]
    for column_name, column in TABLES[name].columns.items():
        assert len(set(column.sources)) == len(column.sources), f"{name}.{column_name}"
        for table, names in by_table(column.sources).items():
            assert table in upstream[name], f"{name}.{column_name}: {table}"
            assert set(names) <= set(TABLES[table].columns), f"{name}.{column_name}: {table}"


@pytest.mark.parametrize("name", DERIVED)
def test_only_what_the_run_itself_says_has_no_sources(name):
    without = {column_name for column_name, column in TABLES[name].columns.items() if not column.sources}
    assert without == SAID_BY_THE_RUN.get(name, set())


def test_raw_tables_come_from_files_and_have_no_sources():
    raw_columns = [column for table in raw.TABLES for column in table.columns.values()]
    assert len(raw_columns) > 60
    assert all(column.sources == () for column in raw_columns)


@pytest.mark.parametrize(
    ("table", "column", "sources"),
    [
        ("classifications", "subject_id", ["raw_classifications.subject_ids", "raw_classifications.subject_data"]),
        ("question_annotations", "user_key", ["classifications.user_key"]),
        ("question_consensus", "answer", ["question_annotations.answer"]),
        (
            "drawing_consensus",
            "rx_std",
            [f"drawing_annotations.{name}" for name in ("rx", "user_key", "excluded")],
        ),
        (
            "text_consensus",
            "n_volunteers",
            [
                f"{name}_annotations.{column}"
                for name in ("text", "drawing")
                for column in ("user_key", "excluded")
            ],
        ),
        ("pooled_survey_consensus", "versions", ["survey_annotations.workflow_version"]),
        ("subject_summary", "urls", ["subjects.locations"]),
        ("accounting", "excluded_repeat", ["version_accounting.excluded_repeat"]),
        (
            "quarantine",
            "reason",
            [f"{stage}_quarantine.reason" for stage in ("raw", "parsed", "flattened")],
        ),
    ],
)
def test_a_column_names_its_sources(table, column, sources):
    assert TABLES[table].columns[column].sources == tuple(sources)


TABLE = Table("sample", "parsed", "A sample.", {"a": count("A count"), "b": text("A text")}, partition=None)


def test_a_table_is_empty_with_all_its_columns():
    empty = TABLE.empty()
    assert (empty.height, empty.schema) == (0, pl.Schema({"a": pl.Int64(), "b": pl.String()}))


def test_a_frame_conforms_once_it_has_the_declared_columns_in_order_and_their_dtypes():
    frame = pl.LazyFrame({"b": ["x"], "more": [1.5], "a": [3]}, schema_overrides={"a": pl.Int32})
    assert TABLE.conform(frame).collect().equals(pl.DataFrame({"a": [3], "b": ["x"]}))
    open_ended = dataclasses.replace(TABLE, open_ended=True)
    assert open_ended.conform(frame).collect().equals(pl.DataFrame({"a": [3], "b": ["x"], "more": [1.5]}))


def test_rows_at_hand_conform_without_a_query():
    rows = pl.DataFrame({"b": ["x"], "a": [3], "more": [1.5]})
    conformed = TABLE.conform(rows)
    assert isinstance(conformed, pl.DataFrame)
    assert conformed.equals(TABLE.conform(rows.lazy()).collect())


def test_a_frame_that_lacks_a_column_or_would_lose_values_does_not_conform():
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="b"):
        TABLE.conform(pl.LazyFrame({"a": [1]})).collect()
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion"):
        TABLE.conform(pl.LazyFrame({"a": ["one"], "b": ["x"]})).collect()


def test_rows_of_an_export_conform_as_they_are():
    frame = pl.LazyFrame({"unknown": ["x"], "annotations": ["[]"]})
    assert TABLES["raw_classifications"].conform(frame).collect().equals(frame.collect())


def test_the_fingerprint_changes_with_columns_and_dtypes_only():
    def changed(**fields: object) -> str:
        return dataclasses.replace(TABLE, **fields).fingerprint

    assert TABLE.fingerprint == changed(description="Another text.")
    assert TABLE.fingerprint == changed(columns={"a": count("Other words", ("tasks.next",)), "b": text("B")})
    others = {
        changed(open_ended=True),
        changed(columns={"a": count("A count")}),
        changed(columns={"b": text("A text"), "a": count("A count")}),
        changed(columns={"a": index("A count"), "b": text("A text")}),
        changed(columns={"a": count("A count"), "b": text("A text"), "c": flag("A flag")}),
    }
    assert TABLE.fingerprint not in others
    assert len(others) == 5
