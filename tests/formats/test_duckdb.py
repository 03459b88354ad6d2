"""Tables in a DuckDB file, as DuckDB reads them."""

from pathlib import Path

import duckdb

from tests.formats.stored import Tables, source, store
from zoo_dag.formats.duckdb import write

QUOTES = 'it\'s "so"; DROP TABLE votes'


def test_tables_over_all_versions_have_comments_and_views_of_the_newest_version(tmp_path: Path) -> None:
    votes = [
        {"workflow_version": "1.9", "subject_id": 1, "answer": "yes", "votes": 2},
        {"workflow_version": "1.10", "subject_id": 2, "answer": QUOTES, "votes": 3},
        {"workflow_id": 12, "workflow_version": "3.1", "subject_id": 3, "votes": 4},
    ]
    raw = [
        {"workflow_id": row.get("workflow_id", 11), "workflow_version": row["workflow_version"]} for row in votes
    ]
    raw = [{**row, "it's": "=1", "IT'S": "2"} for row in raw]
    pooled = [{"versions": ["1.9", "1.10"], "answer": "yes"}]
    tables: Tables = {
        "question_consensus": votes,
        "raw_classifications": raw,
        "pooled_question_consensus": pooled,
        "subject_summary": [{"subject_id": 1, "T0_answer": "yes"}],
    }
    target = tmp_path / "zoo.duckdb"
    said = write(source(store(tmp_path / "data", tables)), target)
    assert said == [f"5 tables in {target}"]
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["zoo.duckdb"]

    with duckdb.connect(target, read_only=True) as database:
        rows = "SELECT partition, answer, votes FROM {} ORDER BY votes"
        assert database.execute(rows.format("question_consensus")).fetchall() == [
            ("11-v1.9", "yes", 2),
            ("11-v1.10", QUOTES, 3),
            ("12-v3.1", None, 4),
        ]
        assert database.execute(rows.format("latest_question_consensus")).fetchall() == [
            ("11-v1.10", QUOTES, 3),
            ("12-v3.1", None, 4),
        ]
        assert database.execute("SELECT versions FROM pooled_question_consensus").fetchall() == [
            (["1.9", "1.10"],)
        ]
        # Names of columns differ in more than case there.
        assert database.execute('SELECT "it\'s", "IT\'S_1" FROM raw_classifications LIMIT 1').fetchall() == [
            ("=1", "2")
        ]
        comments = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'question_consensus'"
        said_of = dict(database.execute(comments).fetchall())
        assert said_of["votes"] == "Classifications that chose this answer"
        assert said_of["partition"] == "Workflow and version, such as 3141-v3.10"
        key = "SELECT task FROM subject_summary_columns WHERE \"column\" = 'T0_answer'"
        assert database.execute(key).fetchall() == [("T0",)]
        comments = "SELECT comment FROM duckdb_columns() WHERE table_name = 'subject_summary_columns'"
        assert ("Question or instruction of the task, of the newest version, without pictures",) in (
            database.execute(comments).fetchall()
        )
        views = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name"
        assert database.execute(views).fetchall() == [
            ("latest_question_consensus",),
            ("latest_raw_classifications",),
        ]


def test_only_what_was_selected_is_written(tmp_path: Path) -> None:
    votes = [{"workflow_version": "1.1", "votes": 2}, {"workflow_version": "1.2", "votes": 3}]
    raw = [{"workflow_version": "1.1"}, {"workflow_version": "1.2"}]
    pooled = [{"votes": 5}]
    tables: Tables = {"question_consensus": votes, "raw_classifications": raw, "pooled_question_consensus": pooled}
    folder = store(tmp_path / "data", tables)
    target = tmp_path / "zoo.duckdb"
    write(source(folder, version="1.1"), target)
    with duckdb.connect(target, read_only=True) as database:
        tables_in_it = "SELECT table_name FROM duckdb_tables() ORDER BY table_name"
        assert database.execute(tables_in_it).fetchall() == [("question_consensus",), ("raw_classifications",)]
        assert database.execute("SELECT votes FROM latest_question_consensus").fetchall() == [(2,)]
    write(source(folder, "pooled_question_consensus"), target)
    with duckdb.connect(target, read_only=True) as database:
        assert database.execute("SELECT votes FROM pooled_question_consensus").fetchall() == [(5,)]
