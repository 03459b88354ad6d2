"""The API's description of an export: its state, the time of its last change, and the address of the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from zoo_dag.errors import FetchError

# The client knows `ready` and `finished`; the server's clean-up job writes `completed` where a job has ended.
_FINISHED = frozenset({"ready", "finished", "completed"})
_IN_PROGRESS = frozenset({"creating", "requeued", "interrupted"})


@dataclass(frozen=True)
class Media:
    """An export as the API describes it. `updated_at` and `server_time` are UTC, by the server's clock."""

    state: str
    updated_at: datetime
    address: str
    server_time: datetime

    @classmethod
    def read(cls, entry: Mapping[str, Any], server_time: datetime) -> Self:
        """From an entry of `media`. Raises FetchError where it does not have the expected form."""
        metadata = entry.get("metadata")
        state = metadata.get("state") if isinstance(metadata, Mapping) else None
        try:
            updated_at = datetime.fromisoformat(str(entry["updated_at"]))
            address = str(entry["src"])
        except (KeyError, ValueError) as error:
            raise FetchError(
                f"The server describes an export in a form that zoo_dag does not know ({error}). Install a newer "
                "version of zoo_dag, or download the export from the project's page."
            ) from None
        return cls(str(state or ""), updated_at.replace(tzinfo=updated_at.tzinfo or UTC), address, server_time)

    @property
    def finished(self) -> bool:
        """Whether the file is complete."""
        return self.state in _FINISHED

    @property
    def failed(self) -> bool:
        """Whether the server failed to generate it."""
        return self.state == "failed"

    @property
    def in_progress(self) -> bool:
        """Whether the server is generating the file."""
        return self.state in _IN_PROGRESS

    @property
    def age(self) -> timedelta:
        """Time since the state changed last."""
        return self.server_time - self.updated_at

    def is_newer_than(self, seen: "Media | None") -> bool:
        """Whether this is a later state than `seen`, which the server may still show for a while."""
        if seen is None or self.updated_at > seen.updated_at:
            return True
        return self.updated_at == seen.updated_at and self.state != seen.state
