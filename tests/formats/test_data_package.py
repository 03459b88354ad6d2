"""A data package, as Frictionless reads and checks it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from frictionless import Package

from tests.formats.stored import Tables, source, store
from zoo_dag.formats.data_package import write

SETTINGS = """
[publication]
title = "Animals of the valley"
licenses = [{ name = "CC-BY-4.0", path = "https://creativecommons.org/licenses/by/4.0/" }]
contributors = [{ title = "Ada Lovelace", role = "author" }]
citation = "Lovelace, A. (2024). Animals of the valley."
"""
CREATED = [datetime(2024, 1, 2, 3, 4, 5, microseconds, tzinfo=UTC) for microseconds in (0, 678000)]
TABLES: Tables = {
    "question_consensus": [
        {"workflow_version": "1.10", "subject_id": 7, "answer": "=1+1", "votes": 2, "fraction": 0.5, "tied": True}
    ],
    "pooled_question_consensus": [{"versions": ["1.9", '1.10";']}],
    "drawing_consensus": [],
    "subjects": [
        {"subject_id": 7, "created_at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "locations": []},
        {
            "subject_id": 8,
            "metadata": '{"site": 5}',
            "created_at": datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        },
    ],
    "subject_summary": [{"subject_id": 7, "T0_answer": "yes"}],
    "imports": [{"source_file": "a.csv", "kind": "subjects", "sha256": "0" * 64}],
}


def test_a_package_is_valid_and_says_what_is_in_it(tmp_path: Path) -> None:
    folder = store(tmp_path / "data", TABLES, SETTINGS)
    target = tmp_path / "package"
    target.mkdir()
    said = write(source(folder), target)
    assert said == [
        f"7 tables with 6 rows in {target}",
        "Apostrophe in front: 1 cell of question_consensus.answer, which a spreadsheet would run as formulas. "
        "--verbatim writes them as they are.",
        "Left out, since they are JSON text: imports.rows_read. --with-json writes them.",
    ]

    package: Any = Package(str(target / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.to_summary()
    # Fields of a table are those of its file, in order, and their cells are of these types.
    read = {resource.name: resource.read_rows() for resource in package.resources}
    (vote,) = read["question_consensus"]
    assert (vote["partition"], vote["answer"], vote["votes"]) == ("11-v1.10", "'=1+1", 2)
    assert (float(vote["fraction"]), vote["tied"], vote["task"]) == (0.5, True, None)
    assert read["pooled_question_consensus"][0]["versions"] == 'v1.9;"v1.10"";"'
    assert [row["created_at"] for row in read["subjects"]] == CREATED

    # The keys of columns that depend on the project.
    assert [row["task"] for row in read["subject_summary_columns"] if row["column"] == "T0_answer"] == ["T0"]
    assert "metadata_site" in [row["column"] for row in read["subjects_columns"]]

    descriptor = orjson.loads((target / "datapackage.json").read_bytes())
    assert descriptor["licenses"][0]["name"] == "CC-BY-4.0"
    assert descriptor["bibliographicCitation"] == "Lovelace, A. (2024). Animals of the valley."
    assert descriptor["sources"] == [
        {"title": "Zooniverse subjects export a.csv", "hash": f"sha256:{'0' * 64}"},
    ]
    for resource in descriptor["resources"]:
        file = (target / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(file).hexdigest()}"
        assert resource["bytes"] == len(file)
    fields = {each["name"]: each["schema"]["fields"] for each in descriptor["resources"]}
    described = {
        name: {field["name"]: field.get("description") for field in of_table} for name, of_table in fields.items()
    }
    assert described["question_consensus"]["votes"] == "Classifications that chose this answer"
    assert described["question_consensus"]["partition"] == "Workflow and version, such as 3141-v3.10"
    assert described["subject_summary"]["T0_answer"].startswith("Task T0. Answer with most votes")
    assert described["subjects"]["metadata_site"] == "Metadata of the subject: site"


def test_as_json_lists_are_arrays(tmp_path: Path) -> None:
    folder = store(tmp_path / "data", TABLES)
    write(replace(source(folder, "pooled_question_consensus"), as_json=True), tmp_path)
    package: Any = Package(str(tmp_path / "datapackage.json"))
    assert package.validate().valid
    assert package.resources[0].read_rows()[0]["versions"] == ["1.9", '1.10";']


def test_equal_tables_give_equal_bytes_and_a_repository_asks_for_more(tmp_path: Path) -> None:
    folder = store(tmp_path / "data", {**TABLES, "volunteers": [{"user_key": "user:1"}]})
    files = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        said = write(source(folder, "volunteers", "drawing_consensus"), tmp_path / name)
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    # A table that was named is there although it has no rows.
    assert files[0].keys() == {"volunteers.csv", "drawing_consensus.csv", "datapackage.json"}
    assert said[1:] == [
        "Note: a repository asks for more: title, licenses, contributors of [publication] in zoo_dag.toml "
        "(docs/formats.md has an example).",
        "Note: volunteers may identify volunteers. --pseudonymise replaces what does.",
    ]
