"""The reference pages of the documentation are those of the code."""

from pathlib import Path

import pytest

from docs.write_reference import PAGES, write_reference

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_says(page, tmp_path):
    write_reference(tmp_path)
    written = (tmp_path / page).read_text(encoding="utf-8")
    assert (DOCS / page).read_text(encoding="utf-8") == written, "run: python docs/write_reference.py docs"
