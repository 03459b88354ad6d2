"""Keys of caches that compare by identity."""

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Identity(Generic[Value]):
    """A value that is equal only to itself, because comparing the thousands of options of a task is too slow."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        """Keep a value, so that no other object can have its identity."""
        self.value = value

    def __hash__(self) -> int:
        """The same for the same object."""
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        """Whether both are of the same object."""
        return isinstance(other, Identity) and self.value is other.value
