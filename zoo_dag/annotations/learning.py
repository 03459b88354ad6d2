"""Definitions of a workflow version, or, where none was found, what the answers themselves tell of the tasks.

Without a workflows export `"value": []` may be a question or a drawing left blank. Other classifications of the
same version tell which, and the denominators need it.
"""

from collections import Counter, defaultdict

import polars as pl

from zoo_dag.annotations.definitions import Definitions, read_definitions
from zoo_dag.annotations.elements import Element, elements
from zoo_dag.exports.batches import batches
from zoo_dag.exports.cells import load_json


def version_definitions(tasks: pl.LazyFrame, annotations: pl.LazyFrame) -> Definitions:
    """The definitions in `tasks`; where there are none, the commonest task type of each task in `annotations`.

    Takes the table `tasks` of a version and a frame with its column `annotations` (JSON arrays).
    """
    definitions = read_definitions(tasks.collect())
    if definitions.tasks:
        return definitions
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for batch in batches(annotations.select("annotations")):
        for cell, times in batch["annotations"].value_counts().iter_rows():
            for element in elements(load_json(cell), definitions):
                if isinstance(element, Element) and element.task_type != "unknown":
                    types[element.task][element.task_type] += times
    # Equal counts are decided by name, so that the order of the rows does not matter.
    learned = {task: max(sorted(counts), key=counts.__getitem__) for task, counts in types.items()}
    return Definitions(definitions.match, {}, learned)
