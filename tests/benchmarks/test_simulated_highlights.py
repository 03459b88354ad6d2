"""Spans of simulated highlights reach the figures that the docs name, and other methods do not."""

import pytest

from benchmarks.simulated_highlights import METHODS, clusters, score, simulate


@pytest.mark.parametrize(
    ("volunteers", "f1", "boundary", "precision"),
    [(5, 0.83, 0.70, 0.98), (10, 0.96, 0.30, 0.96), (20, 0.97, 0.15, 0.97)],
)
def test_spans_reach_their_figures(volunteers: int, f1: float, boundary: float, precision: float) -> None:
    drawn = simulate(volunteers, 0.25, seed=7)
    ours = score(drawn, clusters)
    assert ours.f1 >= f1
    assert ours.boundary <= boundary
    assert ours.precision >= precision
    others = [score(drawn, method) for name, method in METHODS.items() if method is not clusters]
    assert all(ours.f1 > each.f1 and ours.boundary < each.boundary for each in others)
