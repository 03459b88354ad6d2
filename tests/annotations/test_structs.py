"""Lists of structs from tuples."""

import polars as pl

from zoo_dag.annotations.structs import column, structs

TOKENS = pl.List(pl.Struct({"token": pl.String(), "votes": pl.Int64()}))
TEXTS = pl.List(pl.Struct({"text": pl.String(), "tokens": TOKENS}))


def test_lists_inside_of_structs_are_built_alike() -> None:
    deer, nothing = ("a deer", (("a", 2), ("deer", 3))), (None, None)
    found = structs("texts", [(deer, nothing), (), None, (deer,)], TEXTS)
    as_read = {"text": "a deer", "tokens": [{"token": "a", "votes": 2}, {"token": "deer", "votes": 3}]}
    assert found.dtype == TEXTS
    assert found.to_list() == [[as_read, {"text": None, "tokens": None}], [], None, [as_read]]


def test_other_columns_are_as_polars_builds_them() -> None:
    assert column("n", [1, None], pl.Int32()).equals(pl.Series("n", [1, None], pl.Int32()))
