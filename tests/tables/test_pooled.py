"""A consensus table is declared once: the table of one version, its pooled twin, and what follows from them."""

import pytest

from docs.write_reference import table_lines
from zoo_dag.dagster.metadata import column_lineage, column_schema
from zoo_dag.tables import TABLES, consensus, flattened
from zoo_dag.tables.columns import measure, of, text
from zoo_dag.tables.consensus_table import consensus_table
from zoo_dag.tables.pooled import pooled

TWINS = [(table.name, f"pooled_{table.name}") for table in consensus.TABLES]
NEWEST_NAMES = of("tasks", "option_label", "option_index", "option_id", "option_origin")
# As anybody would declare a table with a measure that no table has yet.
WITH_RANGE = consensus_table(
    "slider_consensus",
    (flattened.SLIDERS,),
    "One row per subject and task.",
    {
        "iqr": measure("Distance of the quartiles", of("slider_annotations", "value", "excluded")),
        "unit": text("Unit of the slider", of("tasks", "option_label")),
    },
)


@pytest.mark.parametrize(
    ("table", "again"), [(WITH_RANGE, ()), (pooled(WITH_RANGE), ("classifications.excluded",))], ids=["", "pooled"]
)
def test_a_new_column_of_a_consensus_table_needs_its_declaration_only(table, again):
    assert list(table.dtypes)[-2:] == ["iqr", "unit"]
    assert table.empty()["iqr"].to_list() == []
    assert "| `iqr` | Float64 | Distance of the quartiles |" in list(table_lines(table))

    described = column_schema(table, table.dtypes, linked=True).columns[-2]
    assert (described.name, described.type) == ("iqr", "Float64")
    assert described.description.startswith(
        "Distance of the quartiles. From [slider_annotations](/assets/slider_an"
    )

    made_from = column_lineage(table, table.dtypes).deps_by_column
    deps = {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in made_from["iqr"]}
    assert deps == {"slider_annotations.value", "slider_annotations.excluded", *again}
    assert [dep.column_name for dep in made_from["unit"]] == ["option_label"]


@pytest.mark.parametrize(("name", "twin"), TWINS)
def test_twins_have_the_same_columns_but_for_the_versions(name, twin):
    of_version, of_all = TABLES[name], TABLES[twin]
    names = ["versions" if column == "workflow_version" else column for column in of_version.columns]
    assert list(of_all.columns) == names
    for column in set(of_version.columns) - {"workflow_version"}:
        assert of_all.columns[column].dtype == of_version.columns[column].dtype
        assert of_all.columns[column].description == of_version.columns[column].description
    assert (of_version.partition, of_all.partition) == ("workflow_version", "workflow")


def test_twins_say_whose_votes_they_count():
    assert "Votes are those of one workflow version; the twin" in TABLES["text_consensus"].description
    assert "Votes are those of all versions of the workflow" in TABLES["pooled_text_consensus"].description
    assert "one workflow version" not in TABLES["pooled_text_consensus"].description


@pytest.mark.parametrize(("name", "twin"), TWINS)
def test_pooled_values_depend_on_who_counts_over_all_versions(name, twin):
    # Who saw a subject is counted in `classifications` itself.
    for column in TABLES[name].columns.keys() - {"n_seen", "asked"}:
        declared = TABLES[name].columns[column]
        counted = any(source.endswith("_annotations.excluded") for source in declared.sources)
        of_all = TABLES[twin].columns["versions" if column == "workflow_version" else column]
        assert ("classifications.excluded" in of_all.sources) == counted, column
        assert "classifications.excluded" not in declared.sources
    assert "classifications.excluded" in TABLES[twin].columns["n_blank"].sources


def test_pooled_labels_are_those_of_the_newest_version():
    of_version, of_all = TABLES["question_consensus"].columns, TABLES["pooled_question_consensus"].columns
    assert of_all["answer"].sources == of_version["answer"].sources + NEWEST_NAMES
    assert of_all["answer_index"].sources == of_version["answer_index"].sources + NEWEST_NAMES
    assert not set(NEWEST_NAMES) & set(of_all["votes"].sources)
    renamed = {
        column
        for _, twin in TWINS
        for column, each in TABLES[twin].columns.items()
        if each.sources[-4:] == NEWEST_NAMES
    }
    assert renamed == {
        *("answer_index", "answer", "tool_index", "tool_label", "tools", "choice_id", "choice_label"),
        *("select_index", "select_label", "option_value", "option_label", "label"),
    }
