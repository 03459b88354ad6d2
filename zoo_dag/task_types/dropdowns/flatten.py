"""Dropdowns: dropdown and dropdown-simple (docs/exports.md, Dropdowns), one row per select.

The first generation of the classifier gives a list with one entry for each select, and an entry has the value of
an option. The second one has a single select and gives its entry alone, which has the position of an option:

- as `selection`, where the workflow's task type is dropdown-simple;
- as `value`, in exports from before April 2026; since then as `option_index`, and `value` is the option's value.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, as_text, is_blank, json_text
from zoo_dag.task_types.dropdowns.selects import UNDEFINED, Select, selects


class Selected(NamedTuple):
    """A row of the table: what a volunteer selected or typed in a select."""

    status: str
    select_index: int | None
    select_label: str | None
    option_index: int | None = None
    option_value: str | None = None
    option_label: str | None = None
    free_text: str | None = None


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """Rows of `status, select_index, select_label, option_index, option_value, option_label, free_text`.

    A select left blank is a blank row, and so is a select that the volunteer did not come to. Without entries and
    without a definition the number of selects is unknown: that is one blank row.
    """
    value, simple = element.value, element.task_type == "dropdown-simple"
    entries = value if isinstance(value, list) else [] if is_blank(value) else [value]
    known = selects(element.definition) if element.definition else ()
    if not entries and not known:
        return [Selected("blank", 0 if simple else None, None)]
    rows: list[tuple[Any, ...]] = []
    for position in range(max(len(entries), len(known))):
        entry = entries[position] if position < len(entries) else None
        select = known[position] if position < len(known) else UNDEFINED
        rows.append(selected(position, entry, select, simple=simple))
    return rows


def selected(position: int, entry: Any, select: Select, *, simple: bool) -> Selected:
    """What an entry means; `simple` says whether a value that is no text is the position of an option."""
    return _row(position, json_text(entry), select, simple)


# Volunteers choose from few options: few different entries, many answers.
@lru_cache(maxsize=1 << 14)
def _row(position: int, exported: str, select: Select, simple: bool) -> Selected:
    entry = orjson.loads(exported)
    row = Selected("blank", position, select.label)
    if entry is None:
        return row
    if not isinstance(entry, dict):
        return _malformed(row, entry)
    row = row._replace(select_label=_label(select, select.label, _text(entry.get("select_label"))))
    answer = (entry.get(name) for name in ("selection", "value", "option_index", "label"))
    return row if all(is_blank(value) for value in answer) else _answered(row, entry, select, simple)


def _answered(row: Selected, entry: dict[str, Any], select: Select, simple: bool) -> Selected:
    answer = entry.get("selection", entry.get("value"))
    if entry.get("option") is False:
        return _typed(row, entry, answer)
    if "option_index" in entry:
        return _at(row, entry, select, entry["option_index"], _text(answer))
    if (simple or "selection" in entry) and not isinstance(answer, str):
        return _at(row, entry, select, answer, None)
    return _chosen(row, entry, select, answer)


def _typed(row: Selected, entry: dict[str, Any], answer: Any) -> Selected:
    if is_blank(answer) or isinstance(answer, bool | list | dict):
        return _malformed(row, entry)
    return row._replace(status="answered", free_text=as_text(answer))


def _at(row: Selected, entry: dict[str, Any], select: Select, position: Any, value: str | None) -> Selected:
    """The option at a position; `value` is the option's value, where the export has it."""
    index = as_index(position)
    if index is None:
        return _malformed(row, entry)
    option = select.options[index] if index < len(select.options) else None
    if option is not None and value is not None and value != option.id:
        # The definition is of another version, in which the position has another option.
        option = None
    exported = _text(entry.get("label"))
    if option is not None and not select.is_own and exported not in (None, option.label):
        option = None
    label = _label(select, option.label if option else None, exported)
    lost = option is None and value is None and label is None and select.options
    return row._replace(
        status="unknown_label" if lost else "answered",
        option_index=index,
        option_value=option.id if option else value,
        option_label=label,
    )


def _chosen(row: Selected, entry: dict[str, Any], select: Select, answer: Any) -> Selected:
    """The option with a value; text that is not an option was typed."""
    if is_blank(answer) or isinstance(answer, bool | list | dict):
        return _malformed(row, entry)
    value, exported = as_text(answer), _text(entry.get("label"))
    if entry.get("option") is None and exported is None and value not in select.by_value:
        return row._replace(status="answered", free_text=value)
    index, label = select.by_value.get(value, (None, None))
    return row._replace(
        status="answered",
        option_index=index,
        option_value=value,
        option_label=_label(select, label, exported),
    )


def _label(select: Select, defined: str | None, exported: str | None) -> str | None:
    """The label in the version's own definition, else the exported one, else that of another version."""
    first, second = (defined, exported) if select.is_own else (exported, defined)
    return second if first is None else first


def _malformed(row: Selected, found: Any) -> Selected:
    return row._replace(status="malformed", free_text=json_text(found))


def _text(value: Any) -> str | None:
    return None if value is None else as_text(value)
