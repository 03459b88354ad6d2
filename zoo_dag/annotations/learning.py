"""Task types learned from the answers, for a version without a definition.

Without a workflows export `"value": []` may be a question or a drawing left blank. The denominators need to know
which, and other classifications of the version show it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from zoo_dag.annotations.elements import UNKNOWN, Element, Merged, Rejected


class TypeLearner:
    """Counts the task types of elements, to learn those of the tasks."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._types: dict[str, Counter[str]] = defaultdict(Counter)

    def count(self, elements: Iterable[Element | Rejected | Merged], times: int) -> bool:
        """Count the elements of an annotation that occurs `times` times. Returns whether all types are known."""
        known = True
        for element in elements:
            if isinstance(element, Element):
                if element.task_type == UNKNOWN:
                    known = False
                # A combo that was filled in has its children as elements; a blank combo is not a question itself.
                elif element.task_type != "combo":
                    self._types[element.task][element.task_type] += times
        return known

    def commonest(self) -> dict[str, str]:
        """The most common type of each task. Equal counts are decided by name, not by the order of the rows."""
        return {task: max(sorted(counts), key=counts.__getitem__) for task, counts in self._types.items()}
