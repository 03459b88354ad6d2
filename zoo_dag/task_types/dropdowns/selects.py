"""The selects of a dropdown task, as its definition describes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from zoo_dag.annotations.definitions import TaskDefinition, TaskOption

_Value = TypeVar("_Value")


@dataclass(frozen=True, eq=False)
class Select:
    """A select of a dropdown task; compared by identity, as the key of caches."""

    label: str | None = None
    # The list that does not depend on other selects.
    options: tuple[TaskOption, ...] = ()
    # Position and label by value, over all lists; null where lists disagree, since it is unknown which was shown.
    by_value: Mapping[str, tuple[int | None, str | None]] = field(default_factory=dict)
    # Of the version of the classifications; else the labels in their rows are right.
    is_own: bool = True


UNDEFINED = Select()


@lru_cache(maxsize=1 << 10)
def selects(definition: TaskDefinition, sub_task: str = "") -> tuple[Select, ...]:
    """The selects of a dropdown task in order; a dropdown-simple task has one.

    `sub_task` is the path of a sub-task that is a dropdown, such as `tools.0.details.1`.
    """
    titles: dict[int, str | None] = {}
    options: dict[int, dict[str, list[TaskOption]]] = defaultdict(lambda: defaultdict(list))
    prefix = sub_task and f"{sub_task}."
    for option in definition.options:
        path = option.path.removeprefix(prefix)
        if not option.path.startswith(prefix) or not path.startswith(("selects.", "options.")):
            continue
        if path == f"selects.{option.position}":
            titles[option.position] = option.label
        else:
            number, parents = _place(path)
            titles.setdefault(number, None)
            options[number][parents].append(option)
    return tuple(
        Select(
            titles.get(number),
            tuple(options[number]["*"]),
            _by_value(options[number].values()),
            definition.is_own,
        )
        for number in range(max(titles, default=-1) + 1)
    )


def _place(path: str) -> tuple[int, str]:
    """The select and the list of an option: (1, "3f9c") for `selects.1.options.3f9c.0`.

    Options of a dropdown-simple task are at `options.0`: a list that is always shown.
    """
    if path.startswith("options."):
        return 0, "*"
    _, number, rest = path.split(".", 2)
    return int(number), rest.removeprefix("options.").rpartition(".")[0]


def _by_value(lists: Iterable[list[TaskOption]]) -> dict[str, tuple[int | None, str | None]]:
    options_by_value: dict[str, list[TaskOption]] = defaultdict(list)
    for options in lists:
        for option in options:
            if option.id is not None:
                options_by_value[option.id].append(option)
    return {
        value: (_same({option.position for option in same}), _same({option.label for option in same}))
        for value, same in options_by_value.items()
    }


def _same(values: set[_Value]) -> _Value | None:
    return next(iter(values)) if len(values) == 1 else None
