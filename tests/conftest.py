"""What all tests share."""

import gc
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# Two processes test at the same time, on tables so small that more threads only cost: a sixth of the whole time.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# As the command line does: modules are many objects that stay.
gc.set_threshold(100_000, 50, 50)

# How long an example takes depends on the machine, not on the code.
settings.register_profile("zoo_dag", deadline=None)
settings.load_profile("zoo_dag")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real exports and truth that lie beside the project; the tests that need them are skipped elsewhere."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ZOO_DAG_SHARED", beside))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set ZOO_DAG_SHARED to its folder")
    return folder


# A test of a module that has one of these runs a project, or starts a process: seconds, not hundredths.
SLOW = ("run_all", "built_projects", "daemon", "subprocess", "Pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with many slow tests come first, so that no process is left alone with one of them at the end."""
    slow = Counter(item.path for item in items if is_slow(item))
    items.sort(key=lambda item: -slow[item.path])


def is_slow(item: pytest.Item) -> bool:
    """Whether a test is likely to take seconds, by what its module imports and by its fixtures."""
    names = {*vars(item.module), *item.fixturenames} if isinstance(item, pytest.Function) else set()
    return not names.isdisjoint(SLOW)


pytest_plugins = [
    "tests.dagster_project",
    "tests.built_projects",
    "tests.golden",
    "tests.object_stores",
    "tests.services",
]
