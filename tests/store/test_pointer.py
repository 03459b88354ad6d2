"""The pointer of a project: what it says, and changes of several processes together."""

import orjson
import pytest

from zoo_dag.errors import OvertakenError, ZooDagError
from zoo_dag.store.pointer import EMPTY, Content, Pointer, merged, parse_pointer

URL = "s3://bucket/project"
A, B, C = (Content(f"{letter * 64}-{letter * 12}", 1) for letter in "abc")
BASE = Pointer({"tables/x": A, "tables/y": B}, 3)


def test_what_is_stored_is_read_again() -> None:
    assert parse_pointer(BASE.to_json(), URL) == BASE
    assert parse_pointer(EMPTY.to_json(), URL) == EMPTY


@pytest.mark.parametrize(
    ("stored", "what"),
    [
        (b"{", "is damaged, or not of zoo_dag"),
        (b"[]", "is damaged, or not of zoo_dag"),
        (b'{"format": 1, "files": {"x": ["a"]}}', "is damaged, or not of zoo_dag"),
        (orjson.dumps({**orjson.loads(BASE.to_json()), "format": 2}), "by a later version"),
        (Pointer({"../../key": A}).to_json(), "names the file '../../key'"),
        (Pointer({"/etc/passwd": A}).to_json(), "names the file '/etc/passwd'"),
        (Pointer({"tables/x": Content("../x", 1)}).to_json(), "names the file 'tables/x'"),
    ],
)
def test_anything_else_is_refused(stored: bytes, what: str) -> None:
    with pytest.raises(ZooDagError, match=f"^{URL}: pointer.json .*{what}"):
        parse_pointer(stored, URL)


def test_changes_of_different_files_are_joined() -> None:
    theirs = Pointer({"tables/x": A, "tables/z": C}, 4)
    assert merged(BASE, {"tables/x": C, "tables/w": B}, theirs, URL) == Pointer(
        {"tables/x": C, "tables/z": C, "tables/w": B}, 5
    )
    assert merged(BASE, {"tables/x": None}, BASE, URL) == Pointer({"tables/y": B}, 4)


def test_the_same_change_of_others_is_no_other_one() -> None:
    same = Content(f"{C.sha256}-{'d' * 12}", 1)
    theirs = Pointer({"tables/x": same}, 4)
    assert merged(BASE, {"tables/x": C, "tables/y": None}, theirs, URL) == theirs


@pytest.mark.parametrize("mine", [B, None])
@pytest.mark.parametrize("theirs", [{"tables/x": C, "tables/y": B}, {"tables/x": C}])
def test_another_change_of_the_same_file_is_one_too_many(mine: Content | None, theirs: dict[str, Content]) -> None:
    with pytest.raises(OvertakenError, match=f"^{URL}: tables/x was changed by another process"):
        merged(BASE, {"tables/x": mine}, Pointer(theirs, 4), URL)


def test_nothing_is_saved_that_began_before_rows_were_forgotten() -> None:
    with pytest.raises(OvertakenError, match="rows were forgotten by another process"):
        merged(BASE, {"tables/z": C}, BASE._replace(n_forgotten=1), URL)
