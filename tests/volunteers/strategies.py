"""Random votes."""

import numpy as np
from hypothesis import strategies as st

from zoo_dag.volunteers.votes import UNKNOWN, Votes


@st.composite
def votes(draw: st.DrawFn, *, with_gold: bool = True) -> Votes:
    """Votes of some volunteers on some units, each unit with one at least."""
    n_labels = draw(st.integers(2, 4))
    n_units, n_volunteers = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    cast = st.tuples(st.integers(0, n_volunteers - 1), st.integers(0, n_labels - 1))
    rows = [(unit, *draw(cast)) for unit in range(n_units) for _ in range(draw(st.integers(1, 5)))]
    unit, volunteer, label = (np.array(column) for column in zip(*rows, strict=True))
    known = st.integers(UNKNOWN, n_labels - 1) if with_gold else st.just(UNKNOWN)
    gold = np.array([draw(known) for _ in range(n_units)])
    group = np.array([draw(st.integers(0, 1)) for _ in range(n_units)])
    return Votes(unit, volunteer, label, n_units, n_volunteers, n_labels, group, gold)


def of_rows(rows: list[tuple[int, int, int]], n_labels: int, gold: dict[int, int] | None = None) -> Votes:
    """Votes from rows of unit, volunteer and label, and gold by unit."""
    unit, volunteer, label = (np.array(column) for column in zip(*rows, strict=True))
    n_units = int(unit.max()) + 1
    known = np.full(n_units, UNKNOWN)
    for number, right in (gold or {}).items():
        known[number] = right
    return Votes(unit, volunteer, label, n_units, int(volunteer.max()) + 1, n_labels, gold=known)
