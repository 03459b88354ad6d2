"""Tables that a team puts beside its data."""

from pathlib import Path

from zoo_dag.store.given_tables import given_table
from zoo_dag.store.given_texts import read_text_table


def test_a_table_is_read_from_a_folder_whose_name_is_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "data*[1]" / "given.csv"
    path.parent.mkdir()
    path.write_text("subject_id,text\n101, one \n", encoding="utf-8")
    assert given_table(path, "events.table").rows() == [("101", "one")]
    assert read_text_table(path).texts.rows() == [("101", " one ")]
