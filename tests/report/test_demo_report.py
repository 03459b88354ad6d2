"""The report of the demo: one small page with the numbers of its tables."""

from itertools import pairwise

import dagster as dg
import pytest
from click.testing import CliRunner

from tests.built_projects import BuiltProject
from tests.dagster_project import instance_of
from tests.report.page import Page
from zoo_dag.cli.main import main
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.errors import ReportError, TableError
from zoo_dag.report.writing import write_report
from zoo_dag.store.data_folder import DataFolder


def test_the_report_of_the_demo_is_one_small_page_that_needs_nothing_and_runs_nothing(built_demo, tmp_path):
    target = tmp_path / "report.html"
    assert write_report(built_demo.folder, target) == []
    html = target.read_bytes()
    page = Page(html.decode())
    assert page.faults == []
    assert (page.runs, page.fetches) == ([], [])
    assert len(html) < 1_500_000
    assert all(below - above <= 1 for above, below in pairwise(page.headings))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    inside = {str(each["href"]).removeprefix("#") for each in page.all("a") if str(each["href"]).startswith("#")}
    assert inside <= set(ids)
    # One of the numbers of each section.
    for text in (
        "3 files with 1,555 rows were imported. Every row",
        "Of 620 rows of this workflow 601 count (97 %)",
        "20 volunteers who were logged in made 478 classifications",
        "Of 5 tasks volunteers agree reliably on 0",
        "315 clusters of marks; 154 candidates besides",
        "139 texts: 13 unanimous (9.4 %), 99 majority",
        "27 events of 4 deployments; 4 are blank (15 %)",
        "40 of 60 subjects are retired (67 %)",
        "3 versions of the workflow have classifications",
        "21 gold results, each hidden from the model in turn",
    ):
        assert text in page.text
    assert len(page.all("svg")) == len([each for each in page.all("div") if each.get("role") == "img"]) > 40


def test_the_report_of_one_workflow_has_only_that_and_may_show_pictures(built_demo, tmp_path):
    target = tmp_path / "report.html"
    write_report(built_demo.folder, target, 3592, pictures=True)
    again = tmp_path / "again.html"
    arguments = ["report", "--data", str(built_demo.folder.root), "--workflow", "3592", "--pictures"]
    done = CliRunner().invoke(main, [*arguments, "--to", str(again)])
    assert (done.exit_code, done.output) == (0, f"The report is in {again}\n")
    assert again.read_bytes() == target.read_bytes()
    page = Page(target.read_text(encoding="utf-8"))
    assert "Field sheets, page by page" in page.text
    assert "Night garden" not in page.text
    assert page.runs == []
    assert page.fetches
    assert all(str(address).startswith("https://") for address in page.fetches)
    with pytest.raises(TableError, match=r"There is no workflow 1; there is 3141, 3592, 3777, 3901\."):
        write_report(built_demo.folder, target, 1)
    with pytest.raises(ReportError, match=r"expected a name ending in \.html"):
        write_report(built_demo.folder, tmp_path / "report.csv")


def test_the_asset_writes_the_report_of_its_workflow_and_links_to_it(built_demo: BuiltProject, tmp_path):
    folder = built_demo.copy(DataFolder(tmp_path / "data"))
    definitions = build_definitions(folder)
    with instance_of(folder) as instance:
        done = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, partition_key="3592", asset_selection=[dg.AssetKey("report")]
        )
        (written,) = done.asset_materializations_for_node("report")
    assert written.metadata["report"] == dg.MetadataValue.md("[Open the report](/reports/3592.html)")
    text = folder.report(3592).read_text(encoding="utf-8")
    assert "Field sheets, page by page" in Page(text).text
