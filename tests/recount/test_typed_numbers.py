"""Texts that are a number are the same to the package and to the recount."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recount.counting import typed_number
from zoo_dag.task_types.texts.typed_numbers import number_of


@settings(deadline=None, max_examples=500)
@given(
    st.text("0123456789.,-+ \u2212a", max_size=9)
    | st.from_regex(r"[0-9]{1,4}([,.][0-9]{2,4}){0,2}", fullmatch=True)
)
def test_a_recount_reads_the_same_number(text: str) -> None:
    assert typed_number(text) == number_of(text)
