"""All code that imports Dagster: definitions, assets, sensors, and the execution and reports of runs.

What decides whether there is something to run imports none of it: `recipes`, `data_versions`, `over_versions`,
`planner`, `runs.requests` and `runs.unchanged`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo_dag.dagster.component import ZooniverseProject
    from zoo_dag.dagster.definitions import build_definitions

__all__ = ["ZooniverseProject", "build_definitions"]

# For platforms, by the module that is loaded when one of them is asked for: Dagster is slow to import.
_LAZY = {"ZooniverseProject": "component", "build_definitions": "definitions"}


def __getattr__(name: str) -> Any:
    """What this package has for platforms."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    """All names: `dg list components` looks for components among them."""
    return sorted({*globals(), *_LAZY})
