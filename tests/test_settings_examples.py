"""The examples in the reference of the settings are settings."""

import tomllib

import pytest

from docs.write_reference import EXAMPLES
from zoo_dag.settings.loading import Settings


@pytest.mark.parametrize("section", EXAMPLES)
def test_an_example_is_read_and_says_something_else_than_the_default(section):
    written = Settings.model_validate(tomllib.loads("\n".join([f"[{section}]", *EXAMPLES[section]])))
    assert getattr(written, section) != getattr(Settings(), section)
    assert written.model_dump(exclude={section}) == Settings().model_dump(exclude={section})
