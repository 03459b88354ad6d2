"""Files of gold and of predictions: what is read, and what is said of a file with a problem."""

from pathlib import Path

import polars as pl
import pytest

from zoo_dag.errors import SettingsError
from zoo_dag.volunteers.answer_files import read_gold, read_predictions, require_predictions, require_sums


def gold(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "gold.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "subject_id,task,answer\n5,T0,Red deer\n\n7,T1,\n",
        # A spreadsheet: a mark of the encoding, semicolons, spaces, another order, decimals, more columns.
        "\ufeffnote;Answer ;task;subject_id\r\nx;Red deer;T0;5.0\r\n;;;\r\ny;;T1; 7\r\n",
        'subject_id\ttask\tanswer\n5\tT0\t"Red deer"\n,\n7\tT1\t""\n'.replace(",\n", "\t\t\n"),
    ],
)
def test_a_line_is_an_answer(tmp_path: Path, text: str) -> None:
    rows = read_gold(gold(tmp_path, text))
    assert rows.rows() == [(2, "5", None, "T0", "Red deer"), (4, "7", None, "T1", "")]


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    rows = read_gold(gold(tmp_path, 'subject_id,task,answer,workflow_id\n5,T0,"two\nlines",11\n7,T0,Fox,\n'))
    assert rows.select("line", "answer", "workflow_id").rows() == [(3, "two\nlines", 11), (4, "Fox", None)]


def test_subjects_that_were_shown_together_are_named_together(tmp_path: Path) -> None:
    rows = read_gold(gold(tmp_path, 'subject_id,task,answer\n"30; 4",T0,Fox\n'))
    assert rows["subject_ids"].to_list() == ["4;30"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: no column subject_id; the file is empty."),
        (
            "subject_id,task,anser\n",
            "line 1: no column answer; there is `subject_id`, `task`, `anser`. Rename `anser`.",
        ),
        ("id,task,answer\n", "The columns are subject_id, task, answer."),
        (
            "subject_id,task,answer\n5,T0,Fox\nfive,T0,Fox\n",
            "line 3, column subject_id: expected a subject id, found `five`.",
        ),
        ("subject_id,task,answer\n5,,Fox\n", "line 2, column task: expected the key of a task, such as T0"),
        (
            "subject_id,task,answer,workflow_id\n5,T0,Fox,x\n",
            "line 2, column workflow_id: expected a workflow id or nothing",
        ),
        ("subject_id,task,answer\n5,T0\n", "line 2: it has fewer cells than the first line."),
        (
            "subject_id,task,answer\n5,T0,Fox\n6,T0,Fox\n5,T0,Fox\n",
            "line 4: subject 5 has this answer to T0 in line 2 already. Remove one of them.",
        ),
        ('subject_id,task,answer\n5,T0,"Fox\n', "it is not a CSV file: unexpected end of data."),
    ],
)
def test_a_problem_is_named_with_its_line_and_what_to_do(tmp_path: Path, text: str, sentence: str) -> None:
    path = gold(tmp_path, text)
    with pytest.raises(SettingsError) as problem:
        read_gold(path)
    assert str(problem.value).startswith(str(path))
    assert sentence in str(problem.value)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        read_gold(tmp_path / "gold.csv")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_gold(tmp_path)
    with pytest.raises(SettingsError, match="not in UTF-8"):
        read_gold(gold(tmp_path, "subject_id,task,answer\n5,T0,Blåbær\n", "latin-1"))
    (tmp_path / "predictions.parquet").write_text("no Parquet")
    for read in (read_predictions, require_predictions):
        with pytest.raises(SettingsError, match="not a Parquet file"):
            read(tmp_path / "predictions.parquet")


def test_predictions_are_read_from_both_formats(tmp_path: Path) -> None:
    # A name that is also a pattern.
    folder = tmp_path / "data*[1]"
    folder.mkdir()
    rows = {"subject_id": [5, 5], "task": ["T0"] * 2, "answer": ["Fox", "Deer"], "probability": [0.75, 0.2]}
    pl.DataFrame(rows).write_csv(folder / "predictions.csv")
    pl.DataFrame(rows).write_parquet(folder / "predictions.parquet")
    of_csv, of_parquet = (read_predictions(folder / f"predictions.{kind}") for kind in ("csv", "parquet"))
    assert of_csv.select("line", "subject_ids", "answer", "probability").rows() == [
        (2, "5", "Fox", 0.75),
        (3, "5", "Deer", 0.2),
    ]
    assert of_parquet.equals(of_csv)
    require_predictions(folder / "predictions.csv")


@pytest.mark.parametrize("found", ["1.5", "-0.1", "nan", "high", ""])
def test_a_probability_is_one(tmp_path: Path, found: str) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(f"subject_id,task,answer,probability\n5,T0,Fox,0.5\n6,T0,Fox,{found}\n")
    with pytest.raises(SettingsError, match="line 3: a probability is a number from 0 to 1, not"):
        read_predictions(path)


def test_only_one_answer_is_right(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "subject_ids": ["5", "5", "6"],
            "task": ["T0"] * 3,
            "line": [2, 3, 4],
            "probability": [0.7, 0.2, 1.0],
        }
    )
    require_sums(tmp_path, rows, ["subject_ids", "task"])
    with pytest.raises(SettingsError, match=r"line 3: the probabilities .* of subject 5 to T0 are 1.3 together"):
        require_sums(tmp_path, rows.with_columns(probability=pl.Series([0.7, 0.6, 1.0])), ["subject_ids", "task"])
