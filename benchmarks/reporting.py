"""The output of the benchmarks."""


def say(label: str, value: str, note: str = "") -> None:
    """Print one line of the report."""
    print(f"  {label:<44} {value:>14}  {note}".rstrip(), flush=True)


def verdict(value: float, goal: float, at_least: bool = False) -> str:
    """The goal and whether it is met."""
    met = value >= goal if at_least else value <= goal
    return f"goal: {'at least' if at_least else 'at most'} {goal:g} ({'met' if met else 'MISSED'})"
