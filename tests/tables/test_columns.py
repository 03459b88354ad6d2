"""Columns: their kinds, their sources, and the meaning of the fields of structs."""

import polars as pl
import pytest

from zoo_dag.tables.columns import Column, by_table, count, measure, of, structs, text, with_sources


def test_sources_are_named_by_table_and_column():
    sources = of("tasks", "task", "next") + of("subjects", "metadata")
    assert sources == ("tasks.task", "tasks.next", "subjects.metadata")
    assert by_table(sources) == {"tasks": ["task", "next"], "subjects": ["metadata"]}
    assert by_table(()) == {}


def test_the_description_of_structs_says_what_each_field_means():
    column = structs("Words", {"token": text("A word"), "votes": count("Who wrote it")}, of("texts", "text"))
    dtype = pl.List(pl.Struct({"token": pl.String(), "votes": pl.Int64()}))
    assert column == Column(dtype, "Words. `token`: A word. `votes`: Who wrote it", ("texts.text",))


def test_columns_get_other_sources_and_keep_the_rest():
    columns = {"x": measure("Centre"), "note": text("Note", ("a.note",))}
    assert with_sources(columns, {"x": ("marks.x",)}) == {
        "x": measure("Centre", ("marks.x",)),
        "note": text("Note", ("a.note",)),
    }
    with pytest.raises(KeyError, match="y"):
        with_sources(columns, {"y": ("marks.y",)})
