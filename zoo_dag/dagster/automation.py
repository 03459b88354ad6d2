"""Declarative automation: what is out of date is made again, each state of its inputs once.

The condition compares what is stored with what its inputs, its code and the settings call for (`freshness`), as
`zoo-dag run` does. Conditions that watch events instead (`data_version_changed`, `eager`) would make again what a
run of the command line has just made, and would never learn of what happened before their first evaluation. A
condition of our own is also one node for each asset, where Dagster's would be a tree over all its inputs, and it
knows which versions belong to a workflow.
"""

import datetime
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from zoo_dag.dagster.data_versions import PartitionKey, Wanted, out_of_date
from zoo_dag.dagster.partitions import WORKFLOW_VERSIONS, WORKFLOWS, registered
from zoo_dag.dagster.sensors import ARRIVAL_JOBS
from zoo_dag.errors import BusyError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import is_key, parse_key

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_WITHOUT_TABLES = {job.name for job in ARRIVAL_JOBS}
_PARTITION = "dagster/partition"


@dataclass
class Tick:
    """One look at a data folder: by asset and partition the version that is wanted and not stored.

    `at_work` are the partitions of which a run is queued or at work; None stands for a run without one, or of
    several. `unrequested` is what the assets that were evaluated so far in this tick found of themselves.
    """

    wanted: Mapping[str, Wanted]
    at_work: frozenset[PartitionKey]
    unrequested: dict[str, set[PartitionKey]] = field(default_factory=dict)

    def ready(self, name: str, keys: set[PartitionKey]) -> set[PartitionKey]:
        """Those of the partitions of an asset that nothing has to be waited for."""
        return {key for key in keys if not self._waits(TABLES[name].stage, key)}

    def _waits(self, stage: str, key: PartitionKey) -> bool:
        """Whether a run that comes before is at work, or asked for in this tick, or waits itself.

        What is the same for all versions comes first, then the versions, then the workflow of these versions, then
        the books. An input that failed was asked for, and is not waited for.
        """
        if None in self.at_work or key in self.at_work:
            return True
        coming = self.at_work | {
            each
            for name, keys in self.unrequested.items()
            if TABLES[name].partition == "workflow_version" or TABLES[name].stage == "parsed"
            for each in keys
        }
        if stage == "ledger" and key is None:
            return bool(coming)
        if stage == "pooled":
            versions = [each for each in coming if each and is_key(each)]
            return None in coming or any(str(parse_key(each).workflow_id) == key for each in versions)
        return key is not None and None in coming


class Outdated:
    """What is out of date in a data folder, looked up once for each tick of the automation."""

    def __init__(self, folder: DataFolder, specs: Callable[[DataFolder], Sequence[dg.AssetSpec]]) -> None:
        """Look at this folder.

        `specs` gives the assets that are made, each after its inputs, with the settings as they are on disk: an
        edit of them takes effect without a restart.
        """
        self._root = folder.root
        self._specs = specs
        self._time: datetime.datetime | None = None
        self._tick = Tick({}, frozenset())

    def at(self, time: datetime.datetime, instance: dg.DagsterInstance) -> Tick:
        """The tick at this time; nothing is wanted while an import is at work."""
        if time != self._time:
            wanted = self._look(instance)
            self._time, self._tick = time, Tick(wanted, _at_work(instance) if wanted else frozenset())
        return self._tick

    def _look(self, instance: dg.DagsterInstance) -> dict[str, Wanted]:
        folder = DataFolder(self._root)
        try:
            with folder.import_lock(wait=0):
                return out_of_date(
                    self._specs(folder),
                    folder,
                    {
                        None: [None],
                        "workflow_version": registered(instance, WORKFLOW_VERSIONS),
                        "workflow": registered(instance, WORKFLOWS),
                    },
                )
        except BusyError:
            return {}


def _at_work(instance: dg.DagsterInstance) -> frozenset[PartitionKey]:
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
    return frozenset(run.tags.get(_PARTITION) for run in runs if run.job_name not in _WITHOUT_TABLES)


class OutOfDate(dg.AutomationCondition[dg.AssetKey]):
    """The stored table is missing, or not the one that its inputs, its code and the settings call for.

    A partition is asked for once for each version that it wants, and when nothing that comes before has to be
    waited for. One that fails is thereby not asked for again in a storm, but as soon as an export brings other
    rows, or code or settings change.
    """

    def __init__(self, outdated: Outdated) -> None:
        """Share with all assets what is found in a tick."""
        self._outdated = outdated

    @property
    def name(self) -> str:
        """The name that Dagster's pages show."""
        return "out_of_date"

    @property
    def description(self) -> str:
        """What Dagster's pages say about the condition."""
        return "Inputs, code or settings call for another version of the table, which was not asked for yet"

    def evaluate(self, context: dg.AutomationContext[dg.AssetKey]) -> dg.AutomationResult[dg.AssetKey]:
        """Find the partitions; the cursor remembers which version each wanted, and which was asked for."""
        name = context.key.path[-1]
        tick = self._outdated.at(context.evaluation_time, context.asset_graph_view.instance)
        wanted = tick.wanted.get(name, {})
        before = json.loads(context.cursor or '{"wanted": {}, "requested": {}}')
        asked_for = before["requested"] | {
            key: before["wanted"][key] for key in _requested(context) if key in before["wanted"]
        }
        keys = {key for key, version in wanted.items() if asked_for.get(str(key)) != version}
        ready = tick.ready(name, keys)
        tick.unrequested[name] = keys
        cursor = {
            "wanted": {str(key): wanted[key] for key in keys},
            "requested": {str(key): asked_for[str(key)] for key in wanted if str(key) in asked_for},
        }
        subset = context.candidate_subset
        if subset.is_partitioned:
            present = subset.expensively_compute_partition_keys()
            subset = subset.compute_intersection_with_partition_keys(
                {key for key in ready if key and key in present}
            )
        elif not ready:
            subset = context.get_empty_subset()
        return dg.AutomationResult(context, subset, cursor=json.dumps(cursor))


class OnlyWithItsAsset(dg.AutomationCondition[dg.AssetCheckKey]):
    """The check is asked for in the run that makes its asset, and never alone.

    One check in each run of a workflow version has to have a condition: of a run in which some checks must come
    with their assets and others need not, Dagster's automation leaves out the others, unless one has a condition.
    """

    def evaluate(self, context: dg.AutomationContext[dg.AssetCheckKey]) -> dg.AutomationResult[dg.AssetCheckKey]:
        """Never."""
        return dg.AutomationResult(context, context.get_empty_subset())


def _requested(context: dg.AutomationContext[dg.AssetKey]) -> set[str]:
    subset = context.get_previous_requested_subset(context.key)
    if subset is None or subset.is_empty:
        return set()
    return set(subset.expensively_compute_partition_keys()) if subset.is_partitioned else {str(None)}


with warnings.catch_warnings():
    # Conditions of our own are evaluated by our own code: a parameter in beta, which every command would tell of.
    warnings.simplefilter("ignore", dg.BetaWarning)
    automation = dg.AutomationConditionSensorDefinition(
        "automation",
        target=dg.AssetSelection.all() - dg.AssetSelection.groups("raw"),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=15,
        # One run for each version: its own log and checks, and bounded memory.
        emit_backfills=False,
        use_user_code_server=True,
        description="Makes anew what is out of date; each workflow version in a run of its own.",
    )
