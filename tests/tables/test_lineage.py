"""Where columns come from is told of every column, and is true of the asset graph."""

import dagster as dg
import pytest

from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.lineage import Source, lineage

MADE = [name for name, table in TABLES.items() if table.stage != "raw"]
# Columns that the run itself says: the partition that it is for, and constants.
SAID_BY_THE_RUN = {
    "tasks": {"workflow_version"},
    "parsed_quarantine": {"stage", "kind", "annotation_index", "row"},
    "flattened_quarantine": {"column", "stage", "source_file", "source_row", "kind", "row"},
    "text_consensus": {"method"},
    "pooled_text_consensus": {"method"},
    "version_accounting": {"workflow_id", "workflow_version", "stage", "unit"},
}


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The assets that each asset is made from, near and far."""
    definitions = build_definitions(DataFolder(tmp_path_factory.mktemp("data")))
    graph = definitions.resolve_asset_graph()

    def ancestors(key: dg.AssetKey) -> set[dg.AssetKey]:
        parents = graph.get(key).parent_keys
        return set(parents).union(*map(ancestors, parents))

    return {
        key.to_user_string(): {each.to_user_string() for each in ancestors(key)}
        for key in graph.get_all_asset_keys()
    }


@pytest.mark.parametrize("name", MADE)
def test_every_column_of_a_table_that_is_made_has_a_lineage_and_there_is_no_other(name):
    assert set(lineage(name)) == set(TABLES[name].dtypes)


@pytest.mark.parametrize("name", MADE)
def test_what_the_run_itself_says_is_known(name):
    assert {column for column, sources in lineage(name).items() if not sources} == SAID_BY_THE_RUN.get(name, set())


@pytest.mark.parametrize("name", MADE)
def test_every_source_is_a_column_of_an_upstream_asset(name, upstream):
    for column, sources in lineage(name).items():
        for source in sources:
            assert source.column in TABLES[source.table].dtypes, f"{name}.{column}: {source}"
            assert source.table in upstream[name], f"{name}.{column}: {source}"


def test_raw_tables_come_from_files_and_have_no_lineage():
    assert all(lineage(name) == {} for name, table in TABLES.items() if table.stage == "raw")


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
        ("pooled_survey_consensus", "versions", ["survey_annotations.workflow_version"]),
        ("subject_summary", "urls", ["subjects.locations"]),
        ("accounting", "excluded_repeat", ["version_accounting.excluded_repeat"]),
    ],
)
def test_a_column_names_what_it_is_made_from(table, column, sources):
    assert lineage(table)[column] == tuple(Source(*source.split(".")) for source in sources)


def test_pooled_votes_depend_on_who_counts_over_all_versions():
    assert Source("classifications", "excluded") in lineage("pooled_question_consensus")["votes"]
    assert Source("classifications", "excluded") not in lineage("question_consensus")["votes"]


def test_pooled_labels_are_those_of_the_newest_version():
    assert Source("tasks", "option_label") in lineage("pooled_question_consensus")["answer"]
