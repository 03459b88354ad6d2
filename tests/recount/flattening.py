"""What volunteers entered, one record for each answer, mark, text or value: the rows of the flattened tables."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.recount.classifications import Record
from tests.recount.definitions import Definition, Workflows
from tests.recount.drawings import marks
from tests.recount.task_types import KIND_OF, type_by_itself, type_by_values
from tests.recount.wording import shown

LOST = "unknown answer label"
KEYS = (
    *("classification_id", "subject_id", "subject_ids", "user_key", "workflow_id", "workflow_version"),
    *("created_at", "excluded", "after_retirement"),
)
Rows = Iterator[tuple[str, dict[str, Any]]]


def flattened(records: Iterable[Record], workflows: Workflows) -> dict[str, list[Record]]:
    """The records of each flattened table."""
    tables: dict[str, list[Record]] = {kind: [] for kind in dict.fromkeys(KIND_OF.values())}
    versions = defaultdict(list)
    for record in records:
        versions[record["workflow_id"], record["version_major"], record["version_minor"]].append(record)
    for (workflow, *version), within in sorted(versions.items()):
        definition = workflows.find(workflow, (version[0], version[1]))[0]
        elements = [(record, element) for record in within for element in elements_of(record, definition)]
        types = types_of([element for _, element in elements], definition)
        for (record, element), task_type in zip(elements, types, strict=True):
            shared = (
                {name: record[name] for name in KEYS}
                | element["place"]
                | {
                    "task_type": task_type,
                    "task_label": label_of(element, definition, record["version_match"]),
                    "task_revision": workflows.revision(workflow, (version[0], version[1]), element["task"]),
                }
            )
            kind = KIND_OF.get(task_type, "other")
            for status, columns in FLATTEN[kind](element, task_type, definition):
                tables[kind].append(shared | {"status": status} | columns)
    return tables


def elements_of(record: Record, definition: Definition | None) -> Iterator[dict[str, Any]]:
    """The elements of a classification: children in place of their combo, answers about marks with the marks."""
    children: list[tuple[str | None, dict[str, Any]]] = []
    for element in json.loads(record["annotations"]):
        inside = element.get("value")
        named = [child for child in inside if isinstance(child, dict)] if isinstance(inside, list) else []
        in_combo = [(element["task"], child) for child in named if "task" in child]
        children += in_combo or ([(None, element)] if "task" in element else [])
    drawings: dict[str, dict[str, Any]] = {}
    for place, (parent, child) in enumerate(children):
        task = definition.task_called(child["task"]) if definition else child["task"]
        place_of = {"annotation_index": place, "task": task, "parent_task": parent}
        element = {**child, "task": task, "place": place_of}
        drawing = drawings.get(child["task"].split(".")[0])
        if "markIndex" in child and drawing is not None:
            drawing["about_marks"].append(element)
            continue
        drawings[task] = element
        element["about_marks"] = []
        yield element


def types_of(elements: list[dict[str, Any]], definition: Definition | None) -> list[str]:
    """The task type of each element of a version: by itself, as most others of its task, or by all values."""
    types: list[str | None] = [type_by_itself(element, definition) for element in elements]
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    values: dict[str, list[Any]] = defaultdict(list)
    for element, task_type in zip(elements, types, strict=True):
        values[element["task"]].append(element.get("value"))
        if task_type:
            seen[element["task"]][task_type] += 1
    return [
        task_type
        or (seen[element["task"]].most_common(1)[0][0] if seen[element["task"]] else None)
        or (type_by_values(values[element["task"]]) if definition is None else None)
        or "unknown"
        for element, task_type in zip(elements, types, strict=True)
    ]


def label_of(element: dict[str, Any], definition: Definition | None, match: str) -> str | None:
    """The question: of the version's definition, else as the server wrote it, else of another definition."""
    written = element.get("task_label")
    defined = definition.label(element["task"]) if definition and element["task"] in definition.tasks else None
    return (defined or written) if match == "exact" else (written or defined)


def questions(element: dict[str, Any], task_type: str, definition: Definition | None) -> Rows:
    value = element.get("value")
    answers = value if isinstance(value, list) else [] if value in {None, ""} else [value]
    task = definition.tasks.get(element["task"]) if definition else None
    labels = definition.answers(task) if definition and task else []
    found: list[tuple[str, int | None, str | None]] = []
    for answer in answers:
        if isinstance(answer, int) and not isinstance(answer, bool):
            known = answer < len(labels)
            found.append(("answered", answer, labels[answer]) if known else ("unknown_label", None, None))
        elif answer is None or answer == LOST:
            found.append(("unknown_label", None, None))
        elif isinstance(answer, str):
            found.append(("answered", labels.index(answer) if labels.count(answer) == 1 else None, answer))
        else:
            found.append(("malformed", None, json.dumps(answer)))
    different = list(dict.fromkeys((status, index, shown(answer)) for status, index, answer in found))
    n_selected = len({row for row in different if row[0] == "answered"})
    for status, index, answer in different or [("blank", None, None)]:
        yield status, {"answer_index": index, "answer": answer, "n_selected": n_selected}


def texts(element: dict[str, Any], _: str, __: Definition | None) -> Rows:
    text = element.get("value")
    seen = "".join(letter for letter in text or "" if letter.isprintable() and not letter.isspace())
    yield ("answered" if seen else "blank"), {"text": text}


def sliders(element: dict[str, Any], _: str, __: Definition | None) -> Rows:
    value = element.get("value")
    if value is None or value == "":
        yield "blank", {"value": None, "untouched": None}
    else:
        yield "answered", {"value": float(value), "untouched": isinstance(value, str)}


def dropdowns(element: dict[str, Any], _: str, definition: Definition | None) -> Rows:
    entries = element.get("value") or []
    task = definition.tasks.get(element["task"], {}) if definition else {}
    selects = task.get("selects") or []
    for place in range(max(len(entries), len(selects))):
        entry = entries[place] if place < len(entries) else {}
        select = selects[place] if place < len(selects) else {}
        value = entry.get("value")
        lists = (select.get("options") or {}).values()
        indices = {index for options in lists for index, o in enumerate(options) if o["value"] == value}
        listed = bool(entry.get("option")) and value is not None
        typed = not listed and isinstance(value, str) and value.strip() != ""
        yield (
            "answered" if listed or typed else "blank",
            {
                "select_index": place,
                "select_label": entry.get("select_label") or select.get("title"),
                "option_index": indices.pop() if listed and len(indices) == 1 else None,
                "option_value": str(value) if listed else None,
                "option_label": entry.get("label") if listed else None,
                "free_text": value if typed else None,
            },
        )


def surveys(element: dict[str, Any], _: str, definition: Definition | None) -> Rows:
    value = element.get("value") or []
    task = definition.tasks.get(element["task"], {}) if definition else {}
    for place, identification in enumerate(value if isinstance(value, list) else [value]):
        choice = identification["choice"]
        yield (
            "answered",
            {
                "identification_index": place,
                "choice_id": choice,
                "choice_label": labelled(definition, task.get("choices"), choice),
                "answers": [
                    {
                        "question_id": question,
                        "question_label": labelled(definition, task.get("questions"), question),
                        "answer_id": answer,
                        "answer_label": labelled(
                            definition, (task.get("questions") or {}).get(question, {}).get("answers"), answer
                        ),
                    }
                    for question, answers in (identification.get("answers") or {}).items()
                    for answer in (answers if isinstance(answers, list) else [answers])
                ],
                "filters": [
                    {"filter_id": name, "value": setting}
                    for name, setting in (identification.get("filters") or {}).items()
                ],
            },
        )
    if not value:
        nothing = dict.fromkeys(("identification_index", "choice_id", "choice_label"))
        yield "blank", nothing | {"answers": [], "filters": []}


def labelled(definition: Definition | None, options: dict[str, Any] | None, option: str) -> str | None:
    if definition is None or not options or option not in options:
        return None
    return definition.text(options[option].get("label"), option)


def drawings(element: dict[str, Any], task_type: str, definition: Definition | None) -> Rows:
    yield from marks(element, task_type, definition)


def highlights(element: dict[str, Any], _: str, __: Definition | None) -> Rows:
    for passage in element.get("value") or []:
        label = passage.get("labelInformation") or {}
        found = {name: passage.get(name) for name in ("start", "end", "text")}
        yield "answered", found | {"label": label.get("label"), "color": label.get("color")}
    if not element.get("value"):
        yield "blank", dict.fromkeys(("start", "end", "text", "label", "color"))


def others(element: dict[str, Any], _: str, __: Definition | None) -> Rows:
    value = element.get("value")
    blank = value in (None, [], 0)
    yield ("blank" if blank else "answered"), {"value": value}


FLATTEN = {
    "question": questions,
    "dropdown": dropdowns,
    "survey": surveys,
    "drawing": drawings,
    "text": texts,
    "slider": sliders,
    "highlight": highlights,
    "other": others,
}
