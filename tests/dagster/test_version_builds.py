"""Small versions that are built together have the tables, byte for byte, that each has by itself."""

from pathlib import Path

import polars as pl
import pytest

from tests.builders import (
    answer,
    classification_row,
    metadata,
    question,
    question_strings,
    workflow_row,
    write_classifications,
    write_workflows,
)
from tests.built_projects import BuiltProject, BuiltProjects
from zoo_dag.consensus.seen import seen_in_version
from zoo_dag.dagster import version_builds
from zoo_dag.dagster.small_versions import small_together
from zoo_dag.dagster.version_builds import CONSENSUS_TYPES, Build, are_apart
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import CLASSIFICATIONS
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flattened_rows import QUARANTINE

STEPS = {
    version_builds.parse: ("classifications", "parsed_quarantine"),
    version_builds.flatten: (*flattened_tables(), QUARANTINE),
    version_builds.combine: tuple(CONSENSUS_TYPES),
}
# Of these the first two have tasks of the same types; 3.4 has no definition of its own.
DEFINED = ("3.1", "3.2", "3.3")
VERSIONS = (*DEFINED, "3.4")
SLIDER = {
    "type": "slider",
    "instruction": "T1.instruction",
    "min": "0",
    "max": "9",
    "step": "1",
    "help": "T1.help",
}


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, built_projects: BuiltProjects) -> BuiltProject:
    """Versions in which the same volunteers see the same subjects again, in one session with one start."""
    place, rows = tmp_path_factory.mktemp("exports"), []
    for number, version in enumerate(VERSIONS):
        for volunteer in range(1, 6):
            elements = [answer(value="Yes" if (volunteer + number) % 3 else "No")]
            if version == "3.3":
                elements.append({"task": "T1", "task_label": "How many?", "value": volunteer})
            for again in range(2):
                rows.append(
                    classification_row(
                        100 * number + 10 * volunteer + again,
                        workflow_version=version,
                        user_name=f"volunteer{volunteer}",
                        user_id=volunteer,
                        subject_ids=str(100 + volunteer % 2),
                        annotations=elements,
                        metadata=metadata(
                            session=f"s{volunteer}", finished_at=f"2024-03-05T0{number + 2}:0{again}:00Z"
                        ),
                    )
                )
    rows.append(classification_row(999, workflow_version=VERSIONS[1], annotations="[{"))
    with_slider = {"tasks": {"T0": question(), "T1": SLIDER}, "strings": question_strings()}
    definitions = [workflow_row(3, 1), workflow_row(3, 2), workflow_row(3, 3, **with_slider)]
    return built_projects.of(
        write_classifications(place / "c.csv", rows), write_workflows(place / "w.csv", definitions)
    )


def alone(folder: DataFolder, key: str, staging: Path) -> dict[str, bytes]:
    """The tables of a version, each step by itself from the stored tables of the step before."""
    built = {}
    for compute, names in STEPS.items():
        stored = {
            name: folder.tables.metadata(TABLES[name], key) for name in names if _is_stored(folder, name, key)
        }
        for name, file in Build(compute, folder, {key: stored}, staging).run()[key].items():
            built[name] = file.path.read_bytes()
    return built


def _is_stored(folder: DataFolder, name: str, key: str) -> bool:
    return folder.tables.exists(TABLES[name], key)


def of_run(folder: DataFolder, key: str, names: dict[str, bytes]) -> dict[str, bytes]:
    return {name: folder.tables.path(TABLES[name], key).read_bytes() for name in names}


def test_versions_together_have_the_tables_of_each(several: BuiltProject, tmp_path: Path) -> None:
    folder = several.folder
    assert several.outcome.failures == []
    assert small_together(folder, folder.versions()) == [[f"11-v{version}" for version in VERSIONS]]
    assert are_apart(folder.tables, folder.versions())
    for key in folder.versions():
        built = alone(folder, key, tmp_path)
        assert {"question_annotations", "question_consensus"} <= built.keys()
        assert of_run(folder, key, built) == built


def test_versions_of_the_demo_have_the_tables_of_each(built_demo: BuiltProject, tmp_path: Path) -> None:
    folder = built_demo.folder
    together = [keys for keys in small_together(folder, folder.versions()) if len(keys) > 1]
    assert together
    for keys in together:
        for key in keys:
            built = alone(folder, key, tmp_path)
            assert of_run(folder, key, built) == built


def test_who_repeats_a_subject_in_another_version_counts_in_both(several: BuiltProject) -> None:
    files, keys = several.folder.tables, several.folder.versions()
    rows = files.scan_all(TABLES["classifications"], keys)
    seen = seen_in_version(rows).sort("workflow_version", "subject_ids").collect()
    # Five volunteers, each twice, of which the second time is a repeat.
    assert seen.rows() == [
        (version, subject, n) for version in VERSIONS for subject, n in (("100", 2), ("101", 3))
    ]
    counts = rows.group_by("excluded").len().sort("excluded").collect()
    assert counts.rows() == [(None, 20), ("repeat", 20)]


def test_a_classification_in_two_versions_keeps_them_apart(tmp_path: Path) -> None:
    files = TableFiles(tmp_path)
    for version, ids in (("3.1", [1, 2]), ("3.2", [2, 3]), ("3.3", [4])):
        rows = pl.DataFrame({"classification_id": ids, "workflow_version": version})
        frame = pl.concat([TABLES["classifications"].empty(), rows], how="diagonal")
        files.publish(TABLES["classifications"], frame.lazy(), {}, f"11-v{version}")
    assert not are_apart(files, ["11-v3.1", "11-v3.2"])
    assert are_apart(files, ["11-v3.2", "11-v3.3"])


def test_a_version_whose_rows_are_all_bad_is_built_with_others(tmp_path: Path) -> None:
    folder, rows = (
        DataFolder(tmp_path),
        pl.read_csv(
            write_classifications(tmp_path / "c.csv", [classification_row(number) for number in range(1, 9)]),
            infer_schema=False,
        ),
    )
    raw = CLASSIFICATIONS.complete(rows.lazy()).with_columns(
        source_file=pl.lit("c.csv"), source_row=pl.lit(2, pl.Int64)
    )
    keys = [f"11-v3.{minor}" for minor in range(1, 5)]
    for place, key in enumerate(keys):
        part = raw.slice(2 * place, 2).with_columns(workflow_version=pl.lit(f"3.{place + 1}"))
        part = part.with_columns(annotations=pl.lit("[{")) if place == 1 else part
        folder.tables.publish(TABLES["raw_classifications"], part, {"n_rows": "2"}, key)
        folder.tables.publish(TABLES["tasks"], TABLES["tasks"].empty().lazy(), {}, key)
    names = {name: {DATA_VERSION: "0" * 32} for name in STEPS[version_builds.parse]}
    built = Build(version_builds.parse, folder, dict.fromkeys(keys, names), tmp_path).run()
    n_rows = {key: [pl.scan_parquet(file.path).collect().height for file in built[key].values()] for key in keys}
    assert n_rows == {key: [0, 2] if key == keys[1] else [2, 0] for key in keys}
