"""Take the pictures of `docs/images`: the pages of the demo project, as a new user sees them.

    python -m docs.take_screenshots zoo_demo

runs the demo in that folder, which must not exist yet, opens its pages, copies two more exports into the inbox,
and waits until the automation has processed each. The pages show the path of the folder, so choose a neutral one.
Needs Chromium; with `pngquant` the pictures become a third as large.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import polars as pl
from playwright.sync_api import Locator, Page

from tests.pages.served import Pages, browser, find_browser
from zoo_dag.dagster.instance import open_instance
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables.versions import is_key, parse_key

IMAGES = Path(__file__).parent / "images"
WORKFLOW, GROWN, CUT = 3141, "4.11", "3.10"
CONSENSUS = f"/assets/question_consensus?view=partitions&partition={WORKFLOW}-v{CUT}"
WIDTH, HEIGHT = 1200, 800
# Of a run of one partition, and of a run of several neighbouring ones.
PARTITION = "dagster/partition"
RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_DONE_SECONDS = 300
_ANSWER_SECONDS = 60


def main(data: Path) -> None:
    """Take all pictures. Raises FileExistsError where the folder exists."""
    if data.exists():
        raise FileExistsError(f"{data} exists; the pictures are taken of a new folder.")
    program = find_browser()
    if program is None:
        raise FileNotFoundError("No browser: install Chromium.")
    IMAGES.mkdir(exist_ok=True)
    subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "zoo_dag", "demo", "--data", str(data)], check=True, stdout=subprocess.DEVNULL
    )
    with Pages(data) as pages:
        pages.wait_until_they_answer()
        with browser(program) as opened:
            page = opened.new_page(
                base_url=pages.url, viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC", locale="en-GB"
            )
            page.set_default_timeout(_ANSWER_SECONDS * 1000)
            open_first(page)
            add_export(data, later_rows(data))
            pictures_of_the_assets(page)
            pictures_of_the_runs(page, data)
            add_export(data, cut_rows(data))
            picture_of_a_warning(page, data)
        pages.stop()


def open_first(page: Page) -> None:
    """The first visit: hide the names beside the icons for more room."""
    page.goto("/asset-groups")
    page.get_by_role("button", name="Hide navigation").click()


def pictures_of_the_assets(page: Page) -> None:
    """The lineage, and the pages of tables."""
    page.set_viewport_size({"width": 900, "height": 420})
    page.goto("/asset-groups")
    page.get_by_role("button", name="panel_show_right").click()
    # A double click on empty space zooms the graph to fit.
    page.mouse.dblclick(600, 390)
    take(page, "lineage", page.get_by_text("pooled", exact=True), width=1000, height=420)
    page.goto(f"/assets/classifications?view=partitions&partition={WORKFLOW}-v{CUT}")
    take(page, "partitions", page.get_by_text("dagster/partition_row_count"))
    page.goto(CONSENSUS)
    take(page, "consensus", page.get_by_role("img", name="Most frequent winners"), height=1150)
    page.goto("/assets/drawing_consensus?view=partitions&partition=3592-v5.9")
    # Plots of marks are longer than what the page shows at once.
    page.get_by_role("row").filter(has_text="marks, most clusters").get_by_text("[Show Markdown]").click()
    take(page, "marks", page.get_by_role("dialog").get_by_role("img"), height=640)
    page.goto("/assets/question_consensus?view=overview")
    take(page, "columns", page.get_by_text("Good for").first)


def pictures_of_the_runs(page: Page, data: Path) -> None:
    """The runs that the new export caused, and one of them."""
    run_of_automation(data, str(WORKFLOW))
    page.goto("/runs")
    take(page, "runs", page.get_by_role("link", name="automation").first, height=640)
    page.goto(f"/runs/{run_of_automation(data, f'{WORKFLOW}-v{GROWN}')}")
    take(page, "run", page.get_by_text("RUN_SUCCESS", exact=True), height=950)


def picture_of_a_warning(page: Page, data: Path) -> None:
    """A check that did not pass: a spreadsheet truncated cells."""
    run_of_automation(data, f"{WORKFLOW}-v{CUT}")
    page.goto("/assets/parsed_quarantine?view=checks")
    take(page, "check", page.get_by_text("Metadata", exact=True), height=700)


def later_rows(data: Path) -> pl.DataFrame:
    """The rows of a later day: twelve more volunteers on subjects of the newest version."""
    rows = demo_rows(data, GROWN).head(12)
    people = pl.int_range(len(rows))
    return rows.with_columns(
        classification_id=(900_000_000 + people).cast(pl.String),
        user_id=(5_550_000 + people).cast(pl.String),
        user_name=pl.format("visitor-{}", people),
        metadata=pl.col("metadata").str.replace('"session":"', '"session":"later-', literal=True),
    )


def cut_rows(data: Path) -> pl.DataFrame:
    """Rows as a spreadsheet saves them: cells are truncated."""
    rows = demo_rows(data, CUT).head(24)
    return rows.with_columns(
        classification_id=(910_000_000 + pl.int_range(len(rows))).cast(pl.String),
        annotations=pl.col("annotations").str.head(40),
    )


def demo_rows(data: Path, version: str) -> pl.DataFrame:
    """The rows of a workflow version in the demo's classifications export, every cell as text."""
    rows = pl.read_csv(data / "demo_exports" / "classifications.csv", infer_schema=False)
    return rows.filter(workflow_version=version)


def add_export(data: Path, rows: pl.DataFrame) -> None:
    """Put an export into the inbox; it appears there when it is complete."""
    part = data / "part.csv"
    rows.write_csv(part)
    (data / "inbox").mkdir(exist_ok=True)
    os.replace(part, data / "inbox" / f"classifications-{rows['classification_id'][0]}.csv")


def run_of_automation(data: Path, partition: str) -> str:
    """Wait until a run of the automation has rebuilt this partition, and return its id. Raises TimeoutError."""
    tags = {"dagster/sensor_name": "automation"}
    wanted = dg.RunsFilter(tags=tags, statuses=[dg.DagsterRunStatus.SUCCESS])
    end = time.monotonic() + _DONE_SECONDS
    with open_instance(DataFolder(data)) as instance:
        while time.monotonic() < end:
            for run in instance.get_runs(wanted):
                if rebuilt(run.tags, partition):
                    return run.run_id
            time.sleep(1)
    raise TimeoutError(f"The automation did not rebuild {partition}.")


def rebuilt(tags: Mapping[str, str], partition: str) -> bool:
    """Whether a run with these tags rebuilt a partition: this one, or a range of versions that it is in."""
    if not set(RANGE) <= tags.keys() or not is_key(partition):
        return tags.get(PARTITION) == partition
    first, last = (parse_key(tags[tag]) for tag in RANGE)
    return first <= parse_key(partition) <= last


def take(page: Page, name: str, seen: Locator, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Take a picture when this element is visible."""
    page.set_viewport_size({"width": width, "height": height})
    seen.first.wait_for()
    # Notifications fade, and graphs slide into place.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    picture = IMAGES / f"{name}.png"
    page.screenshot(path=picture, animations="disabled")
    if pngquant := shutil.which("pngquant"):
        subprocess.run(  # noqa: S603  (our path)
            [pngquant, "--force", "--strip", "--speed=1", "--quality=60-95", f"--output={picture}", str(picture)],
            check=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
