"""The tool that drew a mark: its position, type and label, from the definition of the task."""

import polars as pl

from zoo_dag.annotations.definitions import TOOL_WITHOUT_LABEL, TaskDefinition

# Fields of a mark that identify its tool: positions, of the second generation first, and texts.
INDICES = ("toolIndex", "tool_index", "tool")
TEXTS = ("toolType", "tool_label")

# Fields that only the second generation writes.
_SECOND = ("toolIndex", "tool_index", "toolType", "x_center")
_LARGEST_INDEX = 2**31 - 1
_TOOLS = pl.Schema(
    {
        "task": pl.UInt32(),
        "tool_index": pl.Int32(),
        "defined_type": pl.String(),
        "label": pl.String(),
        "text": pl.String(),
    }
)


def position(number: pl.Expr) -> pl.Expr:
    """An integer that fits an index, null for any other."""
    is_index = (number == number.floor()) & (number.abs() <= _LARGEST_INDEX)
    return pl.when(is_index).then(number).cast(pl.Int32)


class ToolLabels:
    """Tools by task and position, for the tasks in a batch."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._numbers: dict[TaskDefinition | None, int] = {}

    def task(self, definition: TaskDefinition | None) -> int:
        """The number of a task, by its definition."""
        return self._numbers.setdefault(definition, len(self._numbers))

    @property
    def definitions(self) -> list[TaskDefinition | None]:
        """The definitions by the number of the task."""
        return list(self._numbers)

    def of_marks(self, marks: pl.DataFrame) -> pl.DataFrame:
        """`tool_index, tool_type, tool_label, unknown_tool`, and `second`: the second generation drew the mark.

        Takes `task`, the number of the task, and INDICES and TEXTS as exported. A label comes from the definition
        of the version; the server's own is taken only where there is none, or where that has lost the label: for
        the tool -1 the server gives the label of the last one. A definition of another version is of no use for a
        mark with a label, but to look up the type of the tool by it.
        """
        tools = self._defined()
        placed = marks.select(
            "task",
            "toolType",
            pl.col("tool_label").alias("exported_label"),
            position(pl.coalesce(INDICES)).alias("tool_index"),
            second=pl.any_horizontal(pl.col(_SECOND).is_not_null()),
            defined=pl.col("task").is_in(tools["task"].unique().implode()),
        )
        matched = placed.join(tools, on=["task", "tool_index"], how="left", maintain_order="left")
        # Without a definition every position may be one.
        missing = pl.col("tool_index").is_null() | (pl.col("tool_index") < 0)
        unknown = pl.when("defined").then(pl.col("in_task").is_null()).otherwise(missing)
        label, kind = pl.coalesce("label", "exported_label"), pl.col("defined_type")
        others = [number for definition, number in self._numbers.items() if definition and not definition.is_own]
        if others:
            no_label = pl.col("exported_label").str.contains(TOOL_WITHOUT_LABEL.pattern).fill_null(True)
            own = ~pl.col("task").is_in(others) | no_label
            by_label = tools.unique(["task", "text"], keep="none").select(
                "task", exported_label="text", type_by_label="defined_type", label_by_text="label"
            )
            matched = matched.join(by_label, on=["task", "exported_label"], how="left", maintain_order="left")
            unknown = pl.when(own).then(unknown).otherwise(missing)
            label = pl.when(own).then(label).otherwise(pl.coalesce("label_by_text", "exported_label"))
            kind = pl.when(own).then(kind).otherwise("type_by_label")
        return matched.select(
            "tool_index",
            pl.coalesce("toolType", kind).alias("tool_type"),
            pl.when(~unknown).then(label).alias("tool_label"),
            unknown.alias("unknown_tool"),
            "second",
        )

    def _defined(self) -> pl.DataFrame:
        rows = [
            (number, option.position, option.id, option.label, option.exported)
            for definition, number in self._numbers.items()
            for option in (definition.options if definition else ())
            if option.kind == "tool"
        ]
        return pl.DataFrame(rows, schema=_TOOLS, orient="row").with_columns(in_task=pl.lit(True))
