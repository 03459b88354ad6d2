"""Who saw a subject: the counted classifications of it, whatever they were asked."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.recount.classifications import Record, faults, in_time
from tests.recount.definitions import Definition, Workflows, nexts
from tests.recount.units import numbers, revisions_of, task_of

Seen = Counter[tuple[int, str, str]]


def seen_in_versions(records: Sequence[Record]) -> Seen:
    """By workflow, version and subject."""
    return Counter(
        (record["workflow_id"], record["workflow_version"], record["subject_ids"])
        for record in records
        if record["excluded"] is None
    )


def seen_in_pools(
    annotations: Mapping[str, Sequence[Record]], records: Sequence[Record], workflows: Workflows
) -> Seen:
    """By workflow, task revision and subject: in the versions that have the revision, repeats of it left out."""
    named: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    answered: dict[int, set[str]] = defaultdict(set)
    for rows in annotations.values():
        revisions = {place: revision for place, (revision, _) in revisions_of(rows).items()}
        for (workflow, version, task), revision in revisions.items():
            named[workflow, version][task] = revision
        for row in rows:
            answered[row["classification_id"]].add(revisions[task_of(row)])
    for (workflow, version), tasks in named.items():
        definition, _ = workflows.find(workflow, numbers(version))
        for task in reached(definition) if definition else ():
            defined = workflows.revision(workflow, numbers(version), task)
            if task not in tasks and defined:
                tasks[task] = defined
    seen: Seen = Counter()
    for record, repeated in counted(records, answered, workflows):
        for revision in set(named[record["workflow_id"], record["workflow_version"]].values()) - repeated:
            seen[record["workflow_id"], revision, record["subject_ids"]] += 1
    return seen


def counted(
    records: Sequence[Record], answered: Mapping[int, set[str]], workflows: Workflows
) -> Iterator[tuple[Record, set[str]]]:
    """The classifications that count in their pool, each with the task revisions that it answers once more."""
    for workflow in {record["workflow_id"] for record in records}:
        within = [record for record in records if record["workflow_id"] == workflow]
        wrong = faults(within, workflows)
        before: dict[tuple[str, str], set[str]] = defaultdict(set)
        for record in sorted(within, key=in_time):
            if record["classification_id"] in wrong or record["excluded"] == "repeat":
                continue
            told = before[record["user_key"], record["subject_ids"]]
            own = answered.get(record["classification_id"], set())
            if not own or own - told:
                yield record, own & told
            told |= own


def reached(definition: Definition) -> set[str]:
    """The tasks that the first one leads to, children of combos, and shortcuts."""
    waiting, found = [definition.first_task], set()
    while waiting:
        task = waiting.pop()
        if task in definition.tasks and task not in found:
            found.add(task)
            waiting += nexts(definition.tasks[task])
    parts = [definition.tasks[task] for task in found]
    children = {child for part in parts for child in part.get("tasks") or []}
    shortcuts = {part["unlinkedTask"] for part in parts if part.get("unlinkedTask")}
    return (found | children | shortcuts) & definition.tasks.keys()
