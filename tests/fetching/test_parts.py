"""Exports of workflows and subject sets: their classifications, instead of those of the project."""

import json
from typing import Any

import pytest

from tests.fetching.conftest import CONTENTS
from tests.fetching.panoptes_server import PROJECT, Answer, Cut
from zoo_dag.errors import FetchError
from zoo_dag.fetching.resources import parts_of_project
from zoo_dag.fetching.retries import RetriesExhaustedError

WORKFLOW, SET = "workflows/55/classifications", "subject_sets/7/classifications"
PARTS = parts_of_project([55], [7])
FILES = [f"{PROJECT}-subject-set-7-classifications.csv", f"{PROJECT}-workflow-55-classifications.csv"]


@pytest.fixture
def parts(server):
    """The project has a workflow and a subject set, whose classifications have answers of their own."""
    whole = server.contents["classifications"]
    for number, (path, answer) in enumerate([(WORKFLOW, b"Yes"), (SET, b"Nay")]):
        server.parts[path.removesuffix("/classifications")] = PROJECT
        server.contents[path] = type(whole)(whole.content.replace(b"Yes", answer) + b"\n" * number, whole.modified)


def test_classifications_are_those_of_the_parts_and_the_rest_that_of_the_project(server, fetch, inbox, parts):
    fetched = fetch(parts=PARTS)
    assert [each.export.name for each in fetched] == [
        "classifications of workflow 55",
        "classifications of subject set 7",
        "subjects",
        "workflows",
    ]
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {
        FILES[0]: server.contents[SET].content,
        FILES[1]: server.contents[WORKFLOW].content,
        **{f"{PROJECT}-{kind}.csv": CONTENTS[kind] for kind in ("subjects", "workflows")},
    }
    assert [server.requests(kind) for kind in (WORKFLOW, SET, "subjects", "classifications")] == [1, 1, 1, 0]


def test_of_other_kinds_there_are_no_exports_of_parts(server, fetch, inbox, parts):
    server.parts.clear()
    fetch(parts=PARTS, kinds=("subjects",))
    assert [path.name for path in inbox.iterdir()] == [f"{PROJECT}-subjects.csv"]


def test_what_is_refused_at_once_does_not_keep_the_others_from_their_place(server, fetch, inbox, parts):
    server.put(WORKFLOW)
    steps: list[tuple] = []
    problem = rf"^The classifications export of subject set 7: there is none yet, .* {FILES[1]} is in place\.$"
    with pytest.raises(FetchError, match=problem):
        fetch(
            parts=reversed(PARTS),
            kinds=("classifications",),
            ask=False,
            progress=lambda *step: steps.append(step[:2]),
        )
    assert [path.name for path in inbox.iterdir()] == [FILES[1]]
    assert ("classifications of subject set 7", "refused") in steps


def test_a_part_that_is_there_stays_where_another_one_fails(server, fetch, inbox, parts):
    server.put(WORKFLOW)
    server.put(SET)
    server.storage_events = ["whole", Cut(10)]
    problem = rf"The classifications export of subject set 7: .* broke off .* {FILES[1]} is in place"
    with pytest.raises(RetriesExhaustedError, match=problem):
        fetch(parts=PARTS, kinds=("classifications",), attempts=1)
    workflow, subject_set = fetch(parts=PARTS, kinds=("classifications",))
    assert workflow.note == "it was in place already."
    assert subject_set.note.endswith("10 bytes of it were here from before.")
    assert sorted(path.name for path in inbox.iterdir()) == FILES


def answered(**entries: Any) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(entries).encode())


@pytest.mark.parametrize(
    "answers",
    [
        [answered(projects=["1234"])],
        [answered(projects=[{"name": "Birds"}])],
        [answered(projects=[{"id": "birds"}])],
        [answered(projects=[{"id": "1234"}]), answered(workflows=["55"])],
        [answered(projects=[{"id": "1234"}]), answered(workflows=[{"links": [1]}]), answered(media=["src"])],
    ],
)
def test_answers_in_another_form_are_a_sentence(server, fetch, answers):
    server.api_answers = answers
    with pytest.raises(FetchError, match="does not answer as the Zooniverse API does"):
        fetch(parts=parts_of_project([55], []), kinds=("classifications",))


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (([56], []), r"shows this login no workflow 56\. Check the id\."),
        (([], [8]), r"shows this login no subject set 8\. Check the id\."),
        (([], [9]), r"^Subject set 9 is not of project 1234, but of project 99\."),
    ],
)
def test_a_part_of_another_project_or_of_none_is_a_sentence(server, fetch, parts, numbers, sentence):
    server.parts["subject_sets/9"] = 99
    with pytest.raises(FetchError, match=sentence):
        fetch(parts=parts_of_project(*numbers))
    assert server.requests("subjects") == 0
