"""The versions of a workflow as one pool: their tables as one, and the decisions over all of them."""

import functools
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.checks.evaluation import Frames
from zoo_dag.checks.events import frames_of
from zoo_dag.consensus.grids import has_grids, once_per_subject, with_subjects_of_grids
from zoo_dag.consensus.learned_revisions import with_revisions
from zoo_dag.consensus.pooling import decide, pool, with_decisions
from zoo_dag.consensus.seen import SEEN, revisions_of_versions, seen_in_pool
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import POOLED
from zoo_dag.dagster.known_answers import known_of
from zoo_dag.dagster.small_versions import are_few
from zoo_dag.errors import ExportError, SettingsError
from zoo_dag.events.workflow_events import WorkflowEvents
from zoo_dag.exports.talk import read_comments
from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import GIVEN_TEXTS, PROBLEMS, GivenTexts, given_texts
from zoo_dag.tables import TABLES
from zoo_dag.tables.flat_form import JSON_TEXT
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.catalogue import TASK_TYPES, consensus_types
from zoo_dag.task_types.declaration import Aggregated
from zoo_dag.task_types.known_answers import KnownAnswers
from zoo_dag.task_types.posteriors import VOTES, WEIGHED, ballots_of_subjects, method_of, repeated
from zoo_dag.volunteers.cast import VotesByTask, by_task, of_task
from zoo_dag.volunteers.posteriors import Weighing, weigh_ballots
from zoo_dag.wording.sentences import counted

# The pooled tables of all task types.
POOLED_TYPES = {each.pooled_table: each for each in consensus_types()}
_SOURCES = sorted({source for each in POOLED_TYPES.values() for source in each.inputs})
_FLATTENINGS = {each.flattening.table: each.flattening for each in TASK_TYPES}
_SHARED = ("classifications", "tasks", "version_accounting")
_SHOWN = "shown_subjects"
# Of so many flattened rows the ballots are in memory. Those of several ranges take longer: they are in files.
_ROWS_WEIGHED_AT_ONCE = 2_000_000


class WorkflowPool:
    """The tables of all complete versions of a workflow, with the decisions over all of them.

    A version whose sums do not match is left out, and so is one that another version of zoo_dag wrote. `staging`
    is a folder for the pooled rows, which is made.
    """

    def __init__(self, folder: DataFolder, workflow_id: int, staging: Path) -> None:
        """Take the decisions over all versions; tables are read when they are needed."""
        self._folder, self._workflow_id = folder, workflow_id
        self._files, self._settings = folder.tables, folder.settings
        self._staging = staging
        staging.mkdir()
        self._pooled: dict[str, pl.LazyFrame] = {}
        self._aggregations: dict[str, Aggregation] = {}
        self._weighings: dict[str, Weighing] = {}
        self._votes: Sequence[tuple[dict[str, Any], Sequence[pl.LazyFrame]]] | None = None
        self._keys, self.missing = self._versions()
        self._are_few = are_few(folder, self._keys)
        self._read: dict[str, pl.LazyFrame] = {}
        self.tasks = self._scan("tasks")
        self.classifications = self._scan("classifications")
        pooling = folder.settings.pooling
        self._rows = {
            name: with_revisions(self._scan(name), _FLATTENINGS[name].options, self.tasks, pooling)
            for name in _SOURCES
        }
        self.ranges = subject_ranges([self.classifications])
        self.decided = decide(self.classifications, self.tasks, folder.settings.exclusion, self._rows.values())
        self.revisions = revisions_of_versions(list(self._rows.values()), self.tasks)
        self._repeat = folder.settings.exclusion.repeat
        self._has_grids = has_grids(self.classifications)
        # Collected once for all consensus tables.
        seen = seen_in_pool(self.classifications, self.decided, self.revisions, self._repeat)
        self.seen = seen.collect().lazy()

    def consensus(self, name: str, staging: Path) -> Aggregated:
        """The pooled table `name`; the folder `staging` is for the tables of several ranges of subjects."""
        each = POOLED_TYPES[name]
        if self.are_empty(each.inputs):
            return Aggregated(TABLES[name].empty().lazy())
        ranges = subject_ranges(self._scan(source) for source in each.sources)
        return self.aggregation(name).by_ranges(ranges, staging)

    def aggregation(self, name: str) -> Aggregation:
        """What the pooled table `name` is computed from; it is prepared once."""
        if name not in self._aggregations:
            each = POOLED_TYPES[name]
            annotations = {source: self.pooled(source) for source in each.inputs}
            annotations[SEEN] = self.seen
            if GIVEN_TEXTS in each.from_outside:
                annotations[GIVEN_TEXTS] = self.given.texts.lazy()
            self._aggregations[name] = Aggregation.prepare(each, annotations, self.tasks, POOLED, self._settings)
        return self._aggregations[name]

    @functools.cached_property
    def given(self) -> GivenTexts:
        """The texts that volunteers were given to correct."""
        return given_texts(self._folder, self._workflow_id)

    def weighing(self, table: str) -> Weighing:
        """The votes for a table of posteriors, weighed once: the skills are of the same fit."""
        if table not in self._weighings:
            consensus, _ = WEIGHED[table]
            annotations = {source: self.pooled(source) for source in consensus.inputs}
            pooled = self._files.scan(TABLES[consensus.pooled_table], str(self._workflow_id))
            annotations[consensus.pooled_table] = pooled
            ranges = subject_ranges((annotations[source] for source in consensus.sources), _ROWS_WEIGHED_AT_ONCE)
            ballots = ballots_of_subjects(table, annotations, self.tasks, self._settings, self._known)
            staging = self._staging / f"{table}-{uuid.uuid4().hex}" if len(ranges) > 1 else None
            self._weighings[table] = weigh_ballots(
                map(ballots, ranges), POOLED.task, method_of(self._settings), staging
            )
        return self._weighings[table]

    def forget_weighings(self) -> None:
        """Free the memory of what was weighed; it is weighed again where it is needed again."""
        self._weighings.clear()

    @property
    def votes_by_task(self) -> VotesByTask:
        """The votes for the tables that are made from them: what was kept of them, else what is stored."""
        if self._votes is None:
            return by_task(self._files.scan(TABLES[VOTES], str(self._workflow_id)))
        return ((task, of_task(pl.concat(parts))) for task, parts in self._votes)

    def keep_votes(self, votes: Sequence[tuple[dict[str, Any], pl.LazyFrame]]) -> None:
        """Keep the votes of each task, so that they need not be read.

        Where no definition says of which type a task is, it may be of several, as in the stored table.
        """
        tasks: dict[tuple[Any, ...], tuple[dict[str, Any], list[pl.LazyFrame]]] = {}
        for task, rows in votes:
            tasks.setdefault(tuple(task[name] for name in POOLED.task), (task, []))[1].append(rows)
        self._votes = list(tasks.values())

    def forget_votes(self) -> None:
        """Free the memory of the votes that were kept."""
        self._votes = None

    def repeated(self, table: str) -> pl.LazyFrame:
        """What volunteers said again, for a table of posteriors."""
        annotations = {source: self.pooled(source) for source in WEIGHED[table][0].inputs}
        return repeated(table, annotations, self.tasks, self._settings)

    @property
    def unused_lines(self) -> list[dict[str, Any]]:
        """A record of the lines of gold and predictions that say nothing about votes of the workflow, if any."""
        n_unused = self._known.n_unused
        return [{"lines of gold and predictions without votes": n_unused}] if n_unused else []

    @functools.cached_property
    def _known(self) -> KnownAnswers:
        """What is known beside the votes: all of it before anything is weighed with a part."""
        subjects = self.classifications.select("subject_ids").unique().collect()
        return known_of(self._folder, self._workflow_id, self.tasks, self.shown_subjects, subjects)

    def pooled(self, name: str) -> pl.LazyFrame:
        """A flattened table of all versions as one table, written to a file: much is computed from it.

        Without its JSON texts, from which nothing is computed.
        """
        if name not in self._pooled:
            of_type = _FLATTENINGS[name]
            stored = self._rows[name].drop(JSON_TEXT.get(name, ()))
            rows = pool(stored, self.tasks, self.decided, of_type.options, of_type.rename)
            path = self._staging / f"{name}.parquet"
            once = once_per_subject(rows, self._repeat) if self._has_grids else rows
            if self.are_empty([name]):
                self._pooled[name] = pl.LazyFrame(schema=once.collect_schema())
            else:
                once.sink_parquet(path, compression="lz4")
                self._pooled[name] = pl.scan_parquet(path, glob=False)
        return self._pooled[name]

    @property
    def units(self) -> pl.LazyFrame:
        """`classifications`, with the decisions of the pool: of a grid a row for each of its subjects."""
        counting = with_decisions(self.classifications, self.decided)
        return with_subjects_of_grids(counting, self._repeat, self.revisions) if self._has_grids else counting

    def are_empty(self, names: Iterable[str]) -> bool:
        """Whether flattened tables have no rows in any version."""
        return all(self._files.are_empty(TABLES[name], self._keys) for name in names)

    @property
    def shown_subjects(self) -> pl.LazyFrame:
        """What the versions say about their subjects; of some data folders it is not known yet."""
        shown = TABLES[_SHOWN]
        return self._files.scan_all(shown, [key for key in self._keys if self._files.is_current(shown, key)])

    @property
    def subjects(self) -> pl.LazyFrame:
        """The subjects of the workflow in the subjects export."""
        return self._files.scan(TABLES["subjects"]).filter(workflow_id=self._workflow_id)

    @functools.cached_property
    def events(self) -> WorkflowEvents | None:
        """The events of the workflow, where the settings ask for them and its subjects have any.

        Raises SettingsError where the settings name what is not there.
        """
        settings, root = self._settings.events, self._folder.root
        if not settings.are_wanted:
            return None
        try:
            return WorkflowEvents.of(self.subjects, self.shown_subjects, settings, root, self._all_subjects)
        except SettingsError as error:
            raise SettingsError(f"{root / SETTINGS_FILE}: {error}") from None

    @functools.cached_property
    def comments(self) -> pl.DataFrame | None:
        """The comments on Talk about subjects of all workflows, where the settings name their export.

        Raises SettingsError where it cannot be read, or is of another project.
        """
        root, named = self._folder.root, self._settings.talk.comments
        if not named:
            return None
        try:
            comments = read_comments(root / named)
        except ExportError as error:
            raise SettingsError(f"{root / SETTINGS_FILE}: talk.comments: {error}") from None
        known = self._of_all_subjects("subject_id").unique()
        known_ones = comments.lazy().join(known, on="subject_id", how="semi")
        if comments.height and known_ones.limit(1).collect().is_empty():
            raise SettingsError(
                f"{root / SETTINGS_FILE}: talk.comments: of {counted(comments.height, 'comments')} about subjects "
                f"in {named}, such as {comments['subject_id'][0]}, none is about a subject of this data folder. "
                "Name the export of this project."
            )
        return comments

    def _all_subjects(self) -> pl.DataFrame:
        """`subject_id, metadata` of all workflows."""
        return self._of_all_subjects("subject_id", "metadata").collect()

    def _of_all_subjects(self, *columns: str) -> pl.LazyFrame:
        shown = TABLES[_SHOWN]
        of_all = self._files.scan_all(shown, self._files.current_keys(shown))
        return pl.concat([self._files.scan(TABLES["subjects"]).select(columns), of_all.select(columns)])

    @property
    def for_checks(self) -> Frames:
        """The tables of the pool that checks read instead of the stored ones."""
        source, pooled = "question_annotations", {name: functools.partial(self.pooled, name) for name in _SOURCES}
        votes = functools.partial(self.aggregation, "pooled_question_consensus")
        problems = {PROBLEMS: lambda: pl.LazyFrame({"problem": self.given.problems}, {"problem": pl.String()})}
        own = {"classifications": lambda: self.classifications, source: lambda: votes().rows[source]}
        return {**pooled, **own, **problems, **frames_of(lambda: self.events)}

    def _versions(self) -> tuple[list[str], list[str]]:
        """The versions that are pooled, and those that are not although they have rows."""
        stored = self._files.select_keys(TABLES["raw_versions"], self._workflow_id, None)
        known = self._with("raw_versions", stored, pl.col("n_rows") > 0)
        needed = [TABLES[name] for name in (*_SHARED, *_SOURCES)]
        complete = [key for key in known if all(self._files.is_current(table, key) for table in needed)]
        unbalanced = self._with("version_accounting", complete, ~pl.col("balanced"))
        pooled = [key for key in complete if key not in unbalanced]
        return pooled, [key for key in known if key not in pooled]

    def _with(self, name: str, keys: list[str], condition: pl.Expr) -> list[str]:
        """Those of the versions for which a row of a table meets a condition: one query for all of them."""
        rows = self._files.scan_all(TABLES[name], keys).filter(condition)
        found = {*rows.select("workflow_version").collect().to_series()}
        return [key for key in keys if parse_key(key).version in found]

    def _scan(self, name: str) -> pl.LazyFrame:
        """A table of all versions. Where the rows are few, it is read once: many queries need it."""
        if name not in self._read:
            rows = self._files.scan_all(TABLES[name], self._keys)
            self._read[name] = rows.collect().rechunk().lazy() if self._are_few else rows
        return self._read[name]
