"""What must not change a consensus, whatever the task type: checks that take any rows and any consensus."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.task_types.samples import aggregated, seen_by
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.tables.flattened import CLASSIFICATION_KEYS
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.declaration import TaskType

PROPERTY = settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])

# The rows of one element: the columns that its table has of its own, and the status.
Said = Sequence[Mapping[str, Any]]

USERS = [f"user:{number}" for number in range(1, 6)]


@st.composite
def annotations(
    draw: st.DrawFn, table: str, said: st.SearchStrategy[Said], *, task: str = "T0", max_size: int = 25
) -> pl.DataFrame:
    """Rows of a flattened table of a few subjects and volunteers; some left out, some tasks done twice.

    `said` draws the columns of the rows of one element, its status among them.
    """
    classification = st.tuples(
        st.integers(1, 4),
        st.sampled_from(USERS),
        st.sampled_from([None, None, None, "repeat"]),
        st.lists(said, min_size=1, max_size=2),
    )
    rows = []
    for number, (subject, user, excluded, elements) in enumerate(
        draw(st.lists(classification, max_size=max_size))
    ):
        shared = {
            "classification_id": number,
            "subject_id": subject,
            "subject_ids": str(subject),
            "user_key": user,
            "workflow_id": 11,
            "workflow_version": "3.10",
            "excluded": excluded,
            "task": task,
            "task_revision": f"{task}@3.10",
        }
        for position, element in enumerate(elements):
            rows += [{**shared, "annotation_index": position, **row} for row in element]
    return pl.DataFrame(rows, schema=TABLES[table].dtypes)


def everybody_twice(rows: pl.DataFrame) -> pl.DataFrame:
    """Every volunteer once more, as another one who says the same later."""
    again = rows.with_columns(pl.col("classification_id") + 1000, pl.format("{} again", "user_key"))
    return pl.concat([rows, again.select(rows.columns)])


class Metamorphic:
    """The checks for the consensus of one task type; `tasks` and `settings` are the same in all of them.

    So are the tables `outside`, by name, that no export has.
    """

    def __init__(
        self,
        task_type: TaskType,
        tasks: pl.DataFrame,
        settings: Settings | None = None,
        outside: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        self._outside = outside or {}
        self._task_type = task_type
        self._tasks = tasks
        self._settings = settings
        self._known: tuple[pl.DataFrame, pl.DataFrame] | None = None

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The consensus of these rows as they are, which several checks compare with: computed once."""
        if self._known is None or self._known[0] is not rows:
            self._known = rows, self.of(rows)
        return self._known[1]

    def of(self, rows: pl.DataFrame, tasks: pl.DataFrame | None = None, scope: Scope = VERSION) -> pl.DataFrame:
        """The consensus of rows of the flattened table of the type; other tables are empty."""
        consensus = self._task_type.consensus
        assert consensus is not None
        tables = {name: TABLES[name].empty() for name in consensus.sources}
        tables |= {self._task_type.flattening.table: rows, **self._outside}
        return aggregated(self._task_type, tables, self._tasks if tasks is None else tasks, self._settings, scope)

    def aggregation(self, rows: pl.DataFrame, scope: Scope) -> Aggregation:
        """The consensus of such rows before it is computed."""
        consensus = self._task_type.consensus
        assert consensus is not None
        annotations = {name: TABLES[name].empty().lazy() for name in consensus.sources}
        annotations[self._task_type.flattening.table] = rows.lazy()
        annotations[SEEN] = seen_by(list(annotations.values()), scope)
        annotations |= {name: frame.lazy() for name, frame in self._outside.items()}
        return Aggregation.prepare(consensus, annotations, self._tasks.lazy(), scope, self._settings or Settings())

    def order_of_rows(self, rows: pl.DataFrame, random: Random) -> None:
        """Shuffled rows give the same table to the last bit."""
        order = list(range(rows.height))
        random.shuffle(order)
        assert_frame_equal(self.of(rows[order]), self.whole(rows), check_exact=True)

    def names_of_volunteers(self, rows: pl.DataFrame, names: Sequence[str]) -> None:
        """Renamed volunteers give the same table."""
        renamed = rows.with_columns(pl.col("user_key").replace(dict(zip(USERS, names, strict=True))))
        assert_frame_equal(self.of(renamed), self.whole(rows))

    def split_by_subject(self, rows: pl.DataFrame, some: set[int]) -> None:
        """Subjects aggregated separately give the same rows."""
        here = pl.col("subject_id").is_in(list(some))
        parts = pl.concat([self.of(rows.filter(here)), self.of(rows.filter(~here))])
        assert_frame_equal(parts.sort("task", "subject_ids", maintain_order=True), self.whole(rows))

    def split_by_workflow(self, rows: pl.DataFrame, some: set[int]) -> None:
        """Half of the subjects moved to another workflow keep their rows."""
        moved = pl.when(pl.col("subject_id").is_in(list(some))).then(12).otherwise("workflow_id")
        tasks = pl.concat([self._tasks, self._tasks.with_columns(workflow_id=pl.lit(12, pl.Int64))])
        apart = self.of(rows.with_columns(workflow_id=moved), tasks)
        together = apart.with_columns(workflow_id=pl.lit(11, pl.Int64)).sort(
            "task", "subject_ids", maintain_order=True
        )
        assert_frame_equal(together, self.whole(rows))

    def split_by_version(self, rows: pl.DataFrame, later: set[int]) -> None:
        """Classifications of two versions that ask the same, pooled, count as those of one."""
        version = pl.when(pl.col("classification_id").is_in(list(later))).then(pl.lit("4.1"))
        split = rows.with_columns(workflow_version=version.otherwise("workflow_version"))
        tasks = pl.concat([self._tasks, self._tasks.with_columns(workflow_version=pl.lit("4.1"))])
        pooled = self.of(split, tasks, POOLED)
        assert_frame_equal(pooled.drop("versions"), self.whole(rows).drop("workflow_version"))

    def blank_repeats(self, rows: pl.DataFrame, some: Mapping[int, int]) -> None:
        """A blank element more, anywhere in a classification that has the task already, changes nothing.

        `some` are the ids of classifications, with the place of the blank among their elements.
        """
        task = ("parent_task", "task", "task_type", "task_label", "task_revision", "select_index")
        kept = {*CLASSIFICATION_KEYS, *task, "annotation_index", "status"}
        place = pl.col("classification_id").replace_strict(some, default=None, return_dtype=pl.Int32)
        # Elements from the place on move up by one.
        index = pl.col("annotation_index")
        moved = rows.with_columns((index + (index >= place).fill_null(False)).cast(pl.Int32))
        blank = rows.filter(place.is_not_null()).with_columns(
            *(pl.lit(None, dtype).alias(name) for name, dtype in rows.schema.items() if name not in kept),
            annotation_index=place,
            status=pl.lit("blank"),
        )
        assert_frame_equal(self.of(pl.concat([moved, blank.unique(maintain_order=True)])), self.whole(rows))

    def same_again(self, rows: pl.DataFrame, some: set[int]) -> None:
        """The last element of a classification once more changes nothing, where it is no thing of its own."""
        index = pl.col("annotation_index")
        last = rows.filter(index == index.max().over("classification_id"))
        again = last.filter(pl.col("classification_id").is_in(list(some))).with_columns(index + 1)
        assert_frame_equal(self.of(pl.concat([rows, again])), self.whole(rows))

    def rows_left_out(self, rows: pl.DataFrame) -> None:
        """Excluded rows might as well not be there."""
        assert_frame_equal(self.whole(rows), self.of(rows.filter(pl.col("excluded").is_null())))


def counted(rows: pl.DataFrame, one: str | None = None) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """The rows that count of every classification, by subject and classification.

    Of the best elements (answered, else unreadable, else blank) all rows do; with a column `one` the last of the
    best rows for each of its values, whatever their elements are.
    """
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for row in rows.filter(pl.col("excluded").is_null()).iter_rows(named=True):
        found.setdefault(row["subject_ids"], {}).setdefault(row["classification_id"], []).append(row)
    for classifications in found.values():
        for own in classifications.values():
            best: dict[Any, list[dict[str, Any]]] = {}
            for row in own:
                element = [each for each in own if each["annotation_index"] == row["annotation_index"]]
                if one or max(map(_worth, element)) == max(map(_worth, own)):
                    best.setdefault(row[one] if one else None, []).append(row)
            if one:
                best = {
                    value: [max(each, key=lambda row: (_worth(row), row["annotation_index"]))]
                    for value, each in best.items()
                }
            own[:] = [row for each in best.values() for row in each]
    return found


def _worth(row: Mapping[str, Any]) -> int:
    return {"answered": 2, "blank": 0}.get(row["status"], 1)
