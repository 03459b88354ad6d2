"""A morning in the pages: an export is copied into the inbox, and a browser follows it through the pages."""

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

import zoo_dag
from tests.builders import answer, classification_row, workflow_row, write_export
from tests.pages.served import Pages

STAGES = ("raw", "parsed", "flattened", "consensus", "pooled", "ledger")
SENSORS = ("inbox", "automation", "alert_on_failure", "alert_on_failed_check", "lost_runs", "old_runs")
VERSION = "11-v3.10"
# Two looks of the daemon, and a run of a process of its own after each; another test may have the other core.
MADE_SECONDS = 180
ANSWER_SECONDS = 30
LOADED_SECONDS = 5


def follow_an_export(pages: Pages, page: Page) -> None:
    """The whole morning; `page` is a page of the browser that has visited nothing yet."""
    page.set_default_timeout(ANSWER_SECONDS * 1000)
    expect.set_options(timeout=ANSWER_SECONDS * 1000)
    copy_exports(pages.data)
    a_second_one_is_refused(pages)
    the_lineage_has_the_six_stages(page)
    the_sensors_are_on(page)
    the_consensus_is_made_without_a_click(page, pages.data)
    its_plots_are_pictures(page)
    its_check_has_passed(page)
    a_partition_is_made_anew_by_a_click(page)
    the_terminal_is_quiet(pages)


def a_second_one_is_refused(pages: Pages) -> None:
    for port, sentence in (
        (
            0,
            f"The pages of this data folder are open already: {pages.url}. Stop them before you start them again.",
        ),
        (pages.port, f"Name another one, such as --port {pages.port + 1}."),
    ):
        second = pages.second(port)
        assert (second.returncode, second.stderr[-len(sentence) - 1 :]) == (2, f"{sentence}\n")


def the_terminal_is_quiet(pages: Pages) -> None:
    log = pages.data / "dagster_home" / "pages.log"
    assert pages.printed.splitlines() == [
        f"Note: nothing is imported into {pages.data} yet. Copy exports into {pages.data / 'inbox'}.",
        f"Dagster's pages: {pages.url}/assets (stop with Ctrl+C)",
        f"Their log: {log}",
    ]
    assert "RUN_SUCCESS" in log.read_text()


def copy_exports(data: Path) -> None:
    """Put exports of two workflow versions into the inbox, as a copy that is complete when it gets its name."""
    rows = [
        classification_row(
            10 * subject + number,
            subject_ids=str(100 + subject),
            workflow_version=version,
            annotations=[answer(value="Yes" if number else "No")],
        )
        for subject, version in enumerate(("3.9", "3.10", "3.10", "3.10"), start=1)
        for number in range(4)
    ]
    inbox = data / "inbox"
    for name, exported in {"workflows.csv": [workflow_row()], "classifications.csv": rows}.items():
        os.replace(write_export(data / "copied", exported), inbox / name)


def the_lineage_has_the_six_stages(page: Page) -> None:
    """The first visit, without an invitation of Dagster."""
    page.goto("/asset-groups")
    for stage in STAGES:
        page.get_by_text(stage, exact=True).first.wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)


def the_sensors_are_on(page: Page) -> None:
    """The page Automation lists all of them, each with its switch on."""
    page.get_by_role("link", name="Automation").click()
    for sensor in SENSORS:
        entry = page.locator(f"a[href$='/sensors/{sensor}']")
        expect(entry.locator("xpath=following::input[@type='checkbox'][1]")).to_be_checked(
            timeout=ANSWER_SECONDS * 1000
        )


def the_consensus_is_made_without_a_click(page: Page, data: Path) -> None:
    """The sensor of the inbox imports, the automation builds the versions; the pages list them in their order."""
    end = time.monotonic() + MADE_SECONDS
    page.goto("/assets/question_consensus?view=partitions")
    while not is_seen(page.get_by_text("Materialized (2)", exact=True)):
        assert time.monotonic() < end, "the versions were not made"
        page.reload()
    listed = page.get_by_text(re.compile(r"^11-v3\.\d+$")).all_inner_texts()
    assert list(dict.fromkeys(listed)) == ["11-v3.9", "11-v3.10"]
    page.get_by_text(VERSION, exact=True).first.click()
    stored = zoo_dag.scan("question_consensus", data, workflow=11, version="3.10").collect()
    assert stored.sort("subject_id", "rank")["votes"].to_list() == [3, 1] * 3
    expect(value_of(page, "dagster/partition_row_count")).to_have_text("6")


def its_plots_are_pictures(page: Page) -> None:
    """What is drawn of the votes is decoded by the browser and has a size."""
    for name in ("agreement", "most frequent"):
        plot = value_of(page, name).get_by_role("img").first
        plot.wait_for()
        assert plot.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def its_check_has_passed(page: Page) -> None:
    """The check of the numbers shows its counts."""
    page.get_by_role("tab", name="Checks").click()
    expect(page.get_by_text("is_consistent", exact=True).first).to_be_visible()
    expect(page.get_by_text("Passed", exact=True)).to_be_visible()
    expect(value_of(page, "broken rules")).to_have_text("0")


def a_partition_is_made_anew_by_a_click(page: Page) -> None:
    """The button starts a run, and the run succeeds."""
    page.get_by_role("tab", name="Partitions").click()
    page.get_by_text(VERSION, exact=True).first.click()
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Launch 1 run").click()
    page.get_by_role("link", name="View", exact=True).click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_text("RUN_SUCCESS", exact=True)).to_be_visible(timeout=MADE_SECONDS * 1000)
    expect(page.get_by_text("question_consensus", exact=True).first).to_be_visible()


def value_of(page: Page, name: str) -> Locator:
    """The metadata value with this name."""
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))
    return row.get_by_role("cell").nth(1)


def is_seen(wanted: Locator) -> bool:
    """Whether something comes up in the page as it is loaded now."""
    try:
        wanted.wait_for(timeout=LOADED_SECONDS * 1000)
    except PlaywrightTimeoutError:
        return False
    return True
