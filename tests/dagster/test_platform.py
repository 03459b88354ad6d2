"""Two projects and an asset of the platform's own: in one code location, on one instance."""

import datetime
import re
import shutil
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml
from click.testing import CliRunner

import zoo_dag
from tests.builders import write_export
from tests.built_projects import OF_FEW, BuiltProject, BuiltProjects, BuiltReal
from tests.dagster.daemon import Daemon
from tests.dagster_project import instance_of, votes
from zoo_dag.cli.main import main
from zoo_dag.dagster import build_definitions
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.partitions import register, registered
from zoo_dag.dagster.planned_runs import run_request
from zoo_dag.dagster.planner import PlannedRun, State
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import PROCESS, process_tags
from zoo_dag.dagster.runs.forgetting import forget, plan
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.old_runs import delete_old_runs
from zoo_dag.dagster.runs.own_runs import is_ours
from zoo_dag.dagster.runs.progress import progress_logger
from zoo_dag.dagster.runs.run_all import Deployment
from zoo_dag.errors import ZooDagError
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder

ROOT = Path(__file__).parents[2]
# The second project would be in the way of the first one by each of its keys.
PENGUINS = votes("3.2", ["Yes", "Yes"], 1) + votes("3.10", ["No"], 9)
GALAXIES = votes("3.2", ["No"], 4)
SETTINGS = "[importing]\nsettle_seconds = 0\n"


def own_asset(project: str, found: dict[str, int]) -> dg.AssetsDefinition:
    """An asset of the platform, rebuilt where the summary of a workflow is."""

    @dg.asset(
        deps=[dg.AssetKey([project, "subject_summary"])],
        partitions_def=dg.DynamicPartitionsDefinition(name=f"{project}__workflow"),
        automation_condition=dg.AutomationCondition.eager(),
    )
    def subjects_of_workflow(context: dg.AssetExecutionContext) -> None:
        found[context.partition_key] = found.get(context.partition_key, 0) + 1

    return subjects_of_workflow


@dataclass
class Platform:
    """Several projects on one instance, whose daemon and automation work on a simulated clock."""

    place: Path
    folders: Mapping[str, DataFolder]
    instance: dg.DagsterInstance
    made: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first, *_ = self.folders
        self.definitions = dg.Definitions.merge(
            *(build_definitions(folder.root, name) for name, folder in self.folders.items()),
            dg.Definitions(assets=[own_asset(first, self.made)], loggers={"progress": progress_logger}),
        )
        # Every command of a project finds its own history; here the platform has the one.
        start = datetime.datetime(2026, 3, 1, tzinfo=UTC)
        self.daemon = Daemon(self.folders[first], self.instance, start, self.definitions)
        self._cursor: Any = None

    def project(self, name: str) -> Project:
        return Project(self.folders[name], Names(name))

    def come_to_rest(self) -> list[str]:
        """Let the sensors of all projects and the automation of the own asset work; the jobs that ran."""
        jobs = []
        for _ in range(10):
            # Dagster's own automation takes what is there at its first evaluation for known.
            done = [*self._automation(), *self.daemon.come_to_rest()]
            assert all(run.success for run in done)
            if not done:
                return jobs
            jobs += [run.dagster_run.job_name for run in done]
        pytest.fail("the platform does not come to rest")

    def _automation(self) -> Iterator[dg.ExecuteInProcessResult]:
        result = dg.evaluate_automation_conditions(self.definitions, self.instance, cursor=self._cursor)
        self._cursor = result.cursor
        asset = dg.AssetKey("subjects_of_workflow")
        for key in sorted(result.get_requested_partitions(asset)):
            job = self.definitions.resolve_implicit_global_asset_job_def()
            yield job.execute_in_process(
                instance=self.instance, partition_key=key, asset_selection=[asset], raise_on_error=False
            )


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Platform]:
    def start(exports: Mapping[str, Sequence[Path]], settings: str) -> Platform:
        monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "platform_home"))
        folders = {}
        for name, files in exports.items():
            folders[name] = DataFolder(tmp_path / name)
            inbox = tmp_path / name / "inbox"
            inbox.mkdir(parents=True)
            (tmp_path / name / "zoo_dag.toml").write_text(settings + SETTINGS, encoding="utf-8")
            for file in files:
                shutil.copy(file, inbox)
        with instance_of(DataFolder(tmp_path / "platform")) as instance:
            return Platform(tmp_path, folders, instance)

    return start


def tables_of(folder: DataFolder) -> dict[str, pl.DataFrame]:
    """All stored tables by file, but for the time of the import."""
    root = folder.root / "tables"
    frames = {str(path.relative_to(root)): pl.read_parquet(path) for path in sorted(root.rglob("*.parquet"))}
    return {name: frame.drop("imported_at", strict=False) for name, frame in frames.items()}


def assert_equal_tables(found: DataFolder, alone: DataFolder) -> None:
    tables, expected = tables_of(found), tables_of(alone)
    assert tables.keys() == expected.keys()
    assert [name for name, frame in tables.items() if not frame.equals(expected[name])] == []


def files_of(project: BuiltProject) -> list[Path]:
    return [file for each in project.exports for file in (sorted(each.iterdir()) if each.is_dir() else [each])]


def test_two_projects_whose_workflows_have_the_same_numbers_keep_apart(
    built_projects: BuiltProjects, platform, tmp_path: Path
) -> None:
    alone = built_projects.of_rows(PENGUINS)
    galaxies = write_export(tmp_path / "galaxies.csv", GALAXIES)
    running = platform({"penguins": files_of(alone), "galaxies": [galaxies]}, "")
    jobs = running.come_to_rest()
    assert [jobs.count(f"{name}__import_exports") for name in running.folders] == [1, 1]
    assert_equal_tables(running.folders["penguins"], alone.folder)
    answers = {
        name: zoo_dag.scan("subject_summary", folder.root, workflow=10).collect()["T0_answer"].to_list()
        for name, folder in running.folders.items()
    }
    assert answers == {"penguins": ["Yes"], "galaxies": ["No"]}
    instance = running.instance
    assert registered(instance, "penguins__workflow_version") == ["10-v3.2", "10-v3.10"]
    assert registered(instance, "galaxies__workflow_version") == ["10-v3.2"]
    assert registered(instance) == []
    # The platform's asset follows its own project only.
    assert running.made == {"10": 1}
    forget_the_other_one(running)
    assert running.come_to_rest() == []
    assert_equal_tables(running.folders["penguins"], alone.folder)


def forget_the_other_one(platform: Platform) -> None:
    """Forget all of one project, while the other one is busy and keeps everything."""
    instance, busy = platform.instance, platform.definitions.resolve_job_def("penguins__one_version")
    kept = {run.run_id for run in instance.get_runs() if not run.job_name.startswith("galaxies__")}
    assert kept
    running = instance.create_run_for_job(busy, status=dg.DagsterRunStatus.STARTED).run_id
    galaxies = platform.project("galaxies")
    forget(Deployment(galaxies, instance), plan(galaxies.folder, None), lambda *_: None)
    assert {run.run_id for run in instance.get_runs()} == {*kept, running}
    assert {key.path[0] for key in instance.all_asset_keys()} == {"penguins", "subjects_of_workflow"}
    assert registered(instance, "penguins__workflow_version") == ["10-v3.2", "10-v3.10"]
    assert registered(instance, "galaxies__workflow_version") == []
    instance.delete_run(running)


def test_two_real_projects_are_as_each_of_them_alone(built_real: BuiltReal, platform) -> None:
    alone = {name: built_real(export) for name, export in (("caesar", "caesar-batch"), ("tools", "many-tools"))}
    running = platform({name: files_of(each) for name, each in alone.items()}, OF_FEW)
    running.come_to_rest()
    for name, project in alone.items():
        assert_equal_tables(running.folders[name], project.folder)
    assert set(running.made) == {str(key) for key in registered(running.instance, "caesar__workflow")}
    assert running.made


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dg.DagsterInstance, Project, Project]:
    """An instance, and two projects on it in which nothing is stored."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "platform_home"))
    penguins, galaxies = (Project(DataFolder(tmp_path / name), Names(name)) for name in ("penguins", "galaxies"))
    for project in (penguins, galaxies):
        project.folder.root.mkdir()
        (project.folder.root / "zoo_dag.toml").write_text("[history]\nkeep_days = 1e-9\n", encoding="utf-8")
    with instance_of(DataFolder(tmp_path / "platform")) as instance:
        return instance, penguins, galaxies


def pretend(
    instance: dg.DagsterInstance, job: str, status: dg.DagsterRunStatus, project: Project | None = None
) -> str:
    """A run that no process executes any more, although one of a project did."""
    run_id, tags = str(uuid.uuid4()), {}
    if project:
        tags = process_tags(instance, project, run_id) | {project.names.run_tag(PROCESS): "1-gone"}
    instance.create_run_for_job(dg.GraphDefinition(job).to_job(), run_id=run_id, status=status, tags=tags)
    return run_id


def test_a_lost_run_is_ended_by_its_own_project(two) -> None:
    instance, penguins, galaxies = two
    lost = pretend(instance, "own_job", dg.DagsterRunStatus.STARTED, penguins)
    # The lock of a process that is gone is removed where no run of the project names it any more.
    lock = penguins.records / "processes" / "2-gone.lock"
    lock.touch()
    assert end_lost_runs(instance, galaxies) == []
    assert lock.exists()
    assert not instance.get_run_by_id(lost).is_finished
    assert len(end_lost_runs(instance, penguins)) == 1
    assert not lock.exists()
    assert instance.get_run_by_id(lost).status == dg.DagsterRunStatus.FAILURE


def test_old_runs_are_deleted_by_their_own_project_and_the_platforms_by_none(two) -> None:
    instance, penguins, galaxies = two
    jobs = ("penguins__one_version", "galaxies__one_version", "one_version", "nightly")
    runs = {job: pretend(instance, job, dg.DagsterRunStatus.FAILURE) for job in jobs}
    for project in (penguins, galaxies):
        delete_old_runs(instance, project)
    assert {run.run_id for run in instance.get_runs()} == {runs["one_version"], runs["nightly"]}


def test_a_run_of_assets_of_two_projects_belongs_to_both(two) -> None:
    instance, penguins, galaxies = two
    run_id = pretend(instance, "own_job", dg.DagsterRunStatus.STARTED, penguins)
    instance.add_run_tags(run_id, process_tags(instance, galaxies, run_id))
    run = instance.get_run_by_id(run_id)
    assert is_ours(penguins, run)
    assert is_ours(galaxies, run)
    assert not is_ours(Project(penguins.folder), run)
    # The process of galaxies is this one, and that of penguins is gone.
    assert end_lost_runs(instance, galaxies) == []
    assert len(end_lost_runs(instance, penguins)) == 1


def test_a_plan_that_another_project_tried_is_new(two) -> None:
    instance, penguins, galaxies = two
    planned = PlannedRun("one_version", ("tasks",), ("10-v3.2",), "one_version 0815")
    state = State({}, [], {}, 1)
    tried = pretend(instance, "galaxies__one_version", dg.DagsterRunStatus.FAILURE)
    first = run_request(galaxies.names, instance, planned, state)
    instance.add_run_tags(tried, first.tags)
    assert run_request(galaxies.names, instance, planned, state).run_key == f"galaxies__one_version 0815 {tried}"
    request = run_request(penguins.names, instance, planned, state)
    assert (request.job_name, request.run_key) == ("penguins__one_version", "penguins__one_version 0815 0")
    assert request.asset_selection == [dg.AssetKey(["penguins", "tasks"])]


def test_a_waiting_run_of_the_pages_belongs_to_the_project_of_its_assets(two) -> None:
    _, penguins, galaxies = two
    assets = {dg.AssetKey(["penguins", "tasks"]), dg.AssetKey("tasks")}
    run = dg.DagsterRun("__ASSET_JOB", asset_selection=assets)
    assert is_ours(penguins, run)
    assert not is_ours(galaxies, run)
    assert is_ours(Project(galaxies.folder), run)
    foreign = dg.DagsterRun("__ASSET_JOB", asset_selection={dg.AssetKey(["penguins", "colonies"])})
    assert not is_ours(penguins, foreign)


def test_everything_of_a_project_carries_its_name_and_merges_with_others_of_any_kind(
    tmp_path,
) -> None:
    fetching = {"fetching": {"project": 1, "schedule": "0 5 * * *"}, "importing": {"remote_inbox": "s3://a/b"}}
    own = dg.Definitions(
        resources={"io_manager": dg.mem_io_manager, "project": "theirs"},
        executor=dg.multiprocess_executor,
        loggers={"console": dg.json_console_logger},
        assets=[own_asset("penguins", {}), dg.AssetSpec("subjects")],
    )
    both = [build_definitions(tmp_path / name, name, fetching) for name in ("penguins", "galaxies")]
    merged = dg.Definitions.merge(own, *both)
    dg.Definitions.validate_loadable(merged)
    alone, (named, _) = build_definitions(tmp_path, settings=fetching), both
    for kind in ("jobs", "sensors", "schedules"):
        names = [each.name for each in getattr(alone, kind)]
        assert names
        assert [each.name for each in getattr(named, kind)] == [f"penguins__{name}" for name in names]
    assert set(named.resources) == {"penguins__project"}
    specs = named.resolve_all_asset_specs()
    keys = {spec.key for spec in specs}
    assert keys == {dg.AssetKey(["penguins", *spec.key.path]) for spec in alone.resolve_all_asset_specs()}
    steps = {node.name for job in named.resolve_all_job_defs() for node in job.nodes}
    assert {step.split("__")[0] for step in steps} == {"penguins"}
    for spec in specs:
        assert spec.group_name.startswith("penguins__")
        assert spec.tags["zoo_dag/project"] == "penguins"
        assert {dep.asset_key for dep in spec.deps} <= keys
        assert spec.partitions_def is None or spec.partitions_def.name.startswith("penguins__workflow")
        assert linked(spec) <= {key.to_user_string() for key in keys}
    assert {check.asset_key for check in named.resolve_asset_graph().asset_check_keys} <= keys


def linked(spec: dg.AssetSpec) -> set[str]:
    """The assets that the page of an asset names: in its description, and of its columns."""
    schema, lineage = (spec.metadata.get(f"dagster/column_{name}") for name in ("schema", "lineage"))
    texts = [spec.description, *(column.description or "" for column in (schema.columns if schema else ()))]
    columns = lineage.deps_by_column.values() if lineage else ()
    return {name for text in texts for name in re.findall(r"\(/assets/([\w/]+)\)", text)} | {
        dep.asset_key.to_user_string() for deps in columns for dep in deps
    }


@pytest.mark.parametrize("name", ["penguins", "Penguins2", "a_b_c", "p" * 40])
def test_a_name_that_dagster_takes(name: str) -> None:
    names = Names(name)
    assert names.of("inbox") == f"{name}__inbox"
    assert names.asset("subjects") == dg.AssetKey([name, "subjects"])
    assert Names().of("inbox") == "inbox"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Penguin Watch", "Penguin_Watch"),
        ("penguin-watch", "penguin_watch"),
        ("penguins/2026", "penguins_2026"),
        ("a__b", "a_b"),
        ("_a", "a"),
        ("a_", "a"),
        ("é", "penguins"),
        ("a\n", "a"),
        ("p" * 41, "p" * 40),
        # For Dagster the key of a resource is an identifier.
        ("2_poles", "project_2_poles"),
        ("1" * 40, f"project_{'1' * 32}"),
    ],
)
def test_a_name_that_is_none_is_one_sentence_with_one_that_is(name: str, near: str) -> None:
    with pytest.raises(ZooDagError, match=f"is no name for a project on Dagster: .* such as '{near}'"):
        build_definitions("nowhere", name)
    assert Names(near).project == near


def test_given_settings_hold_and_a_file_beside_them_is_a_problem(tmp_path) -> None:
    folder = DataFolder(tmp_path / "penguins")
    folder.root.mkdir()
    with pytest.raises(
        ZooDagError, match=r"settings of penguins: unknown setting exclusion\.repeats; did you mean"
    ):
        build_definitions(folder.root, "penguins", {"exclusion": {"repeats": "all"}})
    given = DataFolder(folder.root, Settings.model_validate({"exclusion": {"repeat": "all"}}))
    assert given.settings.exclusion.repeat == "all"
    (folder.root / "zoo_dag.toml").touch()
    with pytest.raises(ZooDagError, match="Move all settings to one of the two places"):
        _ = DataFolder(folder.root, given.given).settings
    definitions = build_definitions(folder.root, "penguins", {"exclusion": {"repeat": "all"}})
    assert all("Nothing can be built: " in spec.description for spec in definitions.resolve_all_asset_specs())


def blocks_of_the_page(kind: str) -> str:
    page = (ROOT / "docs" / "platform.md").read_text(encoding="utf-8")
    return "".join(re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))


def test_the_python_of_the_page_is_a_code_location() -> None:
    found: dict[str, Any] = {}
    exec(compile(blocks_of_the_page("python"), "platform.md", "exec"), found)  # noqa: S102
    dg.Definitions.validate_loadable(found["defs"])
    graph = found["defs"].resolve_asset_graph()
    assert graph.get(dg.AssetKey("colonies")).parent_keys == {dg.AssetKey(["penguins", "subject_summary"])}
    assert {key.path[0] for key in graph.get_all_asset_keys()} == {"penguins", "galaxies", "colonies"}


def test_the_component_of_the_page_is_registered_and_has_the_definitions_of_the_function(
    tmp_path, monkeypatch
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    registered_in = project["entry-points"]["dagster_dg_cli.registry_modules"]
    assert registered_in == {"zoo_dag": "zoo_dag.dagster"}
    assert "ZooniverseProject" in dir(import_module("zoo_dag.dagster"))
    defs = tmp_path / "platform_of_test" / "defs"
    (defs / "penguins").mkdir(parents=True)
    for each in (defs.parent, defs):
        (each / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dg]\ndirectory_type = "project"\n[tool.dg.project]\nroot_module = "platform_of_test"\n',
        encoding="utf-8",
    )
    written = blocks_of_the_page("yaml").replace("/science/penguins", "../../../data")
    (defs / "penguins" / "defs.yaml").write_text(written, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = dg.load_from_defs_folder(path_within_project=defs)
    settings = yaml.safe_load(written)["attributes"]["settings"]
    by_function = build_definitions(tmp_path / "data", "penguins", settings)
    assert [each.name for each in loaded.schedules] == ["penguins__fetch_daily"]
    assert {spec.key: spec.code_version for spec in loaded.resolve_all_asset_specs()} == {
        spec.key: spec.code_version for spec in by_function.resolve_all_asset_specs()
    }
    resource = loaded.resources["penguins__project"]
    opened = resource(dg.build_init_resource_context()).folder
    assert opened.root == tmp_path / "data"
    assert opened.settings.fetching.schedule == "0 5 * * *"


def test_the_command_forgets_in_the_history_of_the_platform_and_leaves_its_folder_as_it_is(
    built_projects: BuiltProjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = built_projects.of_rows(PENGUINS).copy(DataFolder(tmp_path / "penguins"))
    command = ["forget", "--all", "--data", str(folder.root), "--name", "penguins", "--yes"]
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    without = CliRunner().invoke(main, command)
    assert without.exit_code == 2
    assert "Let the variable DAGSTER_HOME name the folder of the Dagster" in without.output
    home = tmp_path / "platform_home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        for name in ("penguins", "galaxies"):
            register(instance, Project(DataFolder(tmp_path / name), Names(name)), ["10-v3.2"])
    forgotten = CliRunner().invoke(main, command)
    assert forgotten.exit_code == 0, forgotten.output
    assert "delete those runs in the pages of the platform." in forgotten.output
    with dg.DagsterInstance.get() as instance:
        assert registered(instance, "penguins__workflow_version") == []
        assert registered(instance, "galaxies__workflow_version") == ["10-v3.2"]
    assert not (home / "dagster.yaml").exists()
    assert not (home / "data_folder").exists()
