"""A clock that is set back is seen; one that is corrected by a little, or set forward, is not taken for one."""

import time

import pytest

from zoo_dag.dagster.pages.daemon import Clock


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        ([1000, 1005, 1010], [False, False]),
        ([1000, 1005, 1005 + 5 - 3600, 1005 + 10 - 3600], [False, True, False]),
        ([1000, 1005 + 86_400, 1010 + 86_400], [False, False]),
        ([1000, 1004, 1008, 1012], [False, False, False]),
    ],
)
def test_a_clock_that_was_set_back_is_seen_once(
    times: list[float], seen: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(zip(times, range(0, 5 * len(times), 5), strict=True))
    monkeypatch.setattr(time, "time", lambda: moment[0])
    monkeypatch.setattr(time, "monotonic", lambda: moment[1])
    moment = next(moments)
    clock = Clock()
    found = []
    for moment in moments:  # noqa: B007  (the clock reads it)
        found.append(clock.was_set_back())
    assert found == seen
