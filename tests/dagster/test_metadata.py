"""What Dagster's pages show of every table, on a real instance with the exports of the demo: all task types."""

import re
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.built_projects import BuiltProject
from tests.checks.inputs import table
from tests.dagster_project import instance_of, materializations, votes
from tests.plots.samples import LABELS, caption, image, tokens
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.metadata import column_schema, definition_metadata, describe, description
from zoo_dag.dagster.previews import preview
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import STAGES, TABLES
from zoo_dag.wording.markdown import shown_at_once

BIRDS, PLACES = "3141-v3.10", "3592-v5.9"
# Of each table that is shown in some way, a partition that has rows, and the names of what is shown.
SHOWN = {
    ("classifications", BIRDS): ["votes over time", "classifications per subject"],
    ("question_consensus", BIRDS): ["agreement", "most frequent", "example subjects"],
    ("pooled_question_consensus", "3141"): ["agreement", "most frequent", "example subjects"],
    ("dropdown_consensus", PLACES): ["agreement", "most frequent", "example subjects"],
    ("survey_consensus", PLACES): ["agreement", "most frequent", "example subjects"],
    ("text_consensus", PLACES): ["agreement", "example subjects"],
    ("slider_consensus", PLACES): ["means"],
    ("drawing_annotations", PLACES): ["marks, most marks", "marks, median number"],
    ("drawing_consensus", PLACES): [
        "marks, most clusters",
        "marks, median detection",
        "marks, least detection",
        "example subjects",
    ],
    ("mark_counts", PLACES): ["marks of a volunteer"],
    ("pooled_drawing_consensus", "3592"): ["marks, most clusters", "marks, median detection"],
    ("subject_summary", "3592"): [
        "consensus reached",
        "retirement",
        "classifications per subject",
        "example subjects",
    ],
    ("version_accounting", BIRDS): ["where rows went"],
    ("accounting", None): ["where rows went"],
    ("subjects", None): ["retirement"],
}


MARKS = {name for names in SHOWN.values() for name in names if name.startswith("marks, ")}


@pytest.fixture(scope="module")
def demo(built_demo: BuiltProject) -> DataFolder:
    """The demo's exports, imported, and all tables built."""
    assert built_demo.outcome.failures == []
    return built_demo.folder


@pytest.fixture(scope="module")
def told(demo: DataFolder) -> dict[tuple[str, str | None], dict]:
    """The metadata of the newest materialization of every table and partition."""
    newest: dict[tuple[str, str | None], dict] = {}
    with instance_of(demo) as instance:
        for name in TABLES:
            for event in materializations(instance, name):
                newest.setdefault((name, event.partition), dict(event.metadata))
    return newest


def markdown(metadata: dict) -> dict[str, str]:
    return {name: value.value for name, value in metadata.items() if isinstance(value, dg.MarkdownMetadataValue)}


def test_everything_that_is_shown_as_text_is_shown_at_once(told):
    entries = [(place, name, text) for place, found in told.items() for name, text in markdown(found).items()]
    assert len(entries) > 100
    # Plots of marks are longer, and open by a click.
    assert {name for _, name, text in entries if not shown_at_once(text)} <= MARKS
    assert [(place, name) for place, name, _ in entries if "not drawn" in name] == []


@pytest.mark.parametrize("place", SHOWN)
def test_a_table_shows_what_is_better_seen_than_read(told, place):
    found = markdown(told[place])
    assert [name for name in SHOWN[place] if name not in found] == []
    for name in SHOWN[place]:
        if "subjects" not in name:
            assert image(found[name]).tag.endswith("svg")
            assert re.search(r"\d", caption(found[name])), (
                "a caption has numbers, for who does not see the picture"
            )


def test_sample_subjects_lead_to_images_by_http_only(told):
    links = [
        str(token.attrs["href"])
        for found in told.values()
        for text in markdown(found).values()
        for token in tokens(text)
        if token.type == "link_open"
    ]
    assert len(links) > 20
    assert all(link.startswith(("https://", "http://")) for link in links)


def test_each_partition_of_a_range_has_its_numbers(told):
    rows = {key: told["question_consensus", key]["subjects"].value for key in (BIRDS, "3141-v3.9")}
    assert rows == {BIRDS: 27, "3141-v3.9": 20}
    assert 0 < told["question_consensus", BIRDS]["mean_agreement"].value < 1


def test_only_tables_whose_columns_depend_on_the_project_repeat_them_with_each_partition(told):
    with_columns = {name for (name, _), found in told.items() if "dagster/column_schema" in found}
    assert with_columns == {name for name, _ in told if TABLES[name].open_ended}


@pytest.mark.parametrize(
    "name", [name for name, table in TABLES.items() if table.stage != "raw" and not table.open_ended]
)
def test_an_asset_has_the_lineage_of_its_columns(name):
    made_from = definition_metadata(name)["dagster/column_lineage"].deps_by_column
    assert set(made_from) == set(TABLES[name].columns)
    for column, declared in TABLES[name].columns.items():
        # Dagster puts them in another order.
        deps = [f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in made_from[column]]
        assert sorted(deps) == sorted(declared.sources)


def test_the_summary_describes_the_columns_of_its_tasks_and_where_they_come_from(told, demo):
    found = told["subject_summary", "3592"]
    columns = {column.name: column for column in found["dagster/column_schema"].value.columns}
    stored = demo.tables.scan(TABLES["subject_summary"], "3592").collect_schema()
    assert list(columns) == stored.names()
    assert all(column.description for column in columns.values())
    of_tasks = set(columns) - set(TABLES["subject_summary"].dtypes)
    assert len(of_tasks) > 30
    assert all(found["dagster/column_lineage"].value.deps_by_column[name] for name in of_tasks)
    assert "From [pooled_survey_consensus](/assets/pooled_survey_consensus) `" in columns["T0_choices"].description


def test_the_preview_shows_what_the_task_type_declares_after_the_subject_and_the_task(told):
    first_line = {
        name: markdown(told[name, key])["preview"].splitlines()[0]
        for name, key in (("slider_annotations", PLACES), ("pooled_dropdown_consensus", "3592"))
    }
    assert first_line == {
        "slider_annotations": "| subject_ids | task | value | untouched | created_at | excluded |",
        "pooled_dropdown_consensus": "| subject_ids | task | select_label | option_label | agreement | votes |",
    }


def test_an_empty_partition_has_its_row_count_and_little_else(told):
    found = told["drawing_consensus", BIRDS]
    assert found["dagster/partition_row_count"].value == 0
    assert set(found) == {"dagster/partition_row_count", "dagster/size_bytes", "path", "parameters"} & set(found)


def test_a_table_says_how_to_read_it(told, demo):
    text = markdown(told["question_consensus", BIRDS])["in Python"]
    (code,) = [token.content for token in tokens(text)]
    assert code == f"zoo_dag.scan('question_consensus', data={str(demo.root)!r}, workflow=3141, version='3.10')"


def test_pooled_marks_are_drawn_over_those_of_all_versions(told):
    grey = re.search(r"grey: [\d,]+ of (\d+) marks", caption(told_marks(told, "pooled_drawing_consensus", "3592")))
    of_one = re.search(r"grey: [\d,]+ of (\d+) marks", caption(told_marks(told, "drawing_consensus", PLACES)))
    assert int(grey[1]) > int(of_one[1])


def told_marks(told: dict, name: str, key: str) -> str:
    return markdown(told[name, key])["marks, most clusters"]


def test_rows_in_pieces_are_described_as_in_one(demo):
    consensus = TABLES["question_consensus"]
    rows = demo.tables.scan(consensus, BIRDS).collect()
    pieces = pl.concat([rows.slice(place, 1).rechunk() for place in range(rows.height)], rechunk=False)
    assert describe(demo.tables, consensus, BIRDS, pieces) == describe(demo.tables, consensus, BIRDS)


def test_a_failing_plot_is_reported_and_fails_nothing(demo, tmp_path):
    # Examples look up images in `subjects`; a damaged file is not their table's fault.
    copy = DataFolder(tmp_path)
    for name in ("question_consensus", "subjects"):
        table = TABLES[name]
        key = BIRDS if table.partition else None
        target = copy.tables.path(table, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(demo.tables.path(table, key).read_bytes() if key else b"no Parquet")
    found = describe(copy.tables, TABLES["question_consensus"], BIRDS)
    assert found["dagster/partition_row_count"] == 176
    assert found["questions not drawn"].value.startswith("`TableError: ")
    assert "preview" in found


def test_without_a_subjects_export_there_are_examples_without_links(import_rows, folder):
    import_rows(votes("3.2", ["Yes", "Yes", "No"], 1))
    found = describe(folder.tables, TABLES["question_consensus"], "10-v3.2")
    assert found["example subjects"].value == "Most agreement:\n\n- 101: `T0`, `Yes`, 67 % of 3"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_says_in_a_short_sentence_what_a_row_is_and_then_what_it_is_good_for(name):
    first, *rest = TABLES[name].description.split("\n\n")
    assert first.startswith("One row per ")
    assert first.endswith(".")
    assert len(first) <= 120
    good_for = " ".join(" ".join(rest).split())
    assert good_for.startswith("Good for ")
    _, after = good_for.split("Next, open ")
    assert set(re.findall(r"`(\w+)`", after)) & set(TABLES), "the next table to open"


@pytest.mark.parametrize("name", TABLES)
def test_tables_named_in_a_description_are_links_to_their_pages(name):
    links = re.findall(r"\[(\w+)\]\(/assets/(\w+)\)", description(name))
    assert links
    assert all(words == asset and asset in TABLES and asset != name for words, asset in links)


def test_columns_of_answers_have_their_meaning() -> None:
    schema = column_schema(TABLES["subject_votes"], {"subject_id": pl.Int64(), "t0_yes_count": pl.Int64()})
    assert schema.columns[1].description == "Votes for the answer"


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if not table.open_ended])
def test_an_asset_has_its_columns_and_their_lineage_before_it_is_built(name):
    columns = definition_metadata(name)["dagster/column_schema"].columns
    assert [column.name for column in columns] == TABLES[name].dtypes.names()
    for column in columns:
        assert column.description
        assert ("From [" in column.description) == bool(TABLES[name].columns[column.name].sources)


def test_every_asset_has_a_group_an_owner_kinds_and_tags():
    specs = {
        spec.key.to_user_string(): spec
        for spec in build_definitions(DataFolder(Path("nowhere"))).resolve_all_asset_specs()
    }
    assert {spec.owners[0] for spec in specs.values()} == {"team:zoo_dag"}
    report = specs.pop("report")
    assert (report.group_name, report.kinds) == ("report", {"html"})
    assert set(specs) == set(TABLES) - {"forgotten"}
    for name, spec in specs.items():
        assert spec.group_name in STAGES
        assert spec.tags["stage"] == TABLES[name].stage
        assert spec.kinds == ({"csv", "parquet"} if spec.group_name == "raw" else {"polars", "parquet"})
        of_type = name.endswith(("_annotations", "_consensus", "mark_counts")) and name != "event_consensus"
        assert ("task_type" in spec.tags) == of_type


def test_every_step_says_what_it_does():
    steps = build_definitions(DataFolder(Path("nowhere"))).resolve_all_job_defs()
    described = {node.name: node.definition.description for job in steps for node in job.nodes}
    assert len(described) > 5
    assert all(described.values())


def test_the_preview_writes_times_and_numbers_short():
    moment = datetime(2024, 3, 1, 12, 30, 59, tzinfo=UTC)
    row = pl.DataFrame({"subject_ids": ["101"], "fraction": [2 / 3], "created_at": [moment], "answer": [None]})
    assert preview(row, ("answer", "fraction")).splitlines()[2] == "| `101` |  | `0.6667` | `2024-03-01 12:30` |"


def test_the_preview_shows_the_id_of_what_has_no_label():
    def cells(row: dict, *first: str) -> str:
        return preview(pl.DataFrame([row], schema_overrides=dict.fromkeys(first, pl.String)), first).splitlines()[
            2
        ]

    assert cells({"answer": None, "answer_index": 2}, "answer") == "| `2` |"
    assert cells({"answer": "Yes", "answer_index": 2}, "answer") == "| `Yes` |"
    assert cells({"choice_label": None, "choice_id": "LION"}, "choice_label") == "| `LION` |"
    assert cells({"tool_label": None, "tool_index": 0}, "tool_label") == "| `0` |"
    row = {"select_label": None, "select_index": 1, "option_label": None, "option_value": "a1", "option_index": 3}
    assert cells(row, "select_label", "option_label") == "| `1` | `a1` |"
    # All tools together have neither.
    assert cells({"tool_label": None}, "tool_label") == "|  |"


def test_the_preview_has_rows_with_votes(folder):
    def shown(*votes: int) -> list[str]:
        rows = [{"subject_ids": "101", "answer": f"{number} votes", "votes": number} for number in votes]
        folder.tables.publish(TABLES["question_consensus"], table("question_consensus", *rows), {}, "10-v3.2")
        found = describe(folder.tables, TABLES["question_consensus"], "10-v3.2")
        return [line.split(" | ")[2] for line in found["preview"].value.splitlines()[2:]]

    assert shown(*[0] * 9, 2, 1) == ["`2 votes`", "`1 votes`"]
    # Where nobody voted there is something to see, too.
    assert shown(0, 0) == ["`0 votes`", "`0 votes`"]


def test_the_preview_shows_the_combo_only_where_there_is_one():
    row = pl.DataFrame({"subject_ids": ["101"], "parent_task": ["A"], "task": ["T0"]})
    assert preview(row).splitlines()[0] == "| subject_ids | parent_task | task |"
    alone = row.with_columns(parent_task=pl.lit(None, pl.String))
    assert preview(alone).splitlines()[0] == "| subject_ids | task |"


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("answer", "task", "found", "value"), LABELS)), max_size=5))
def test_any_text_gives_a_preview_that_is_one_table_of_code(found):
    rows = pl.DataFrame(found, schema=dict.fromkeys(("answer", "task", "found", "value"), pl.String))
    shown = preview(rows, ("answer", "value"))
    assert shown_at_once(shown)
    cells = tokens(shown)
    assert {token.type for token in cells} <= {"text", "code_inline"}
    assert len([token for token in cells if token.type == "code_inline"]) == 4 * len(found)
