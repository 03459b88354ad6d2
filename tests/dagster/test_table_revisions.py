"""Reading the revisions of Dagster's tables once."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from zoo_dag.dagster import table_revisions


def _config(folder: Path, *revisions: str) -> Config:
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    for before, revision in zip([None, *revisions], revisions, strict=False):
        text = f"revision = {revision!r}\ndown_revision = {before!r}\n"
        (folder / "versions" / f"{revision}.py").write_text(text, encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


def _newest(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def test_revisions_are_read_once_within_the_block_and_anew_after_it(tmp_path: Path) -> None:
    config = _config(tmp_path, "first")
    with table_revisions.read_once():
        assert _newest(config) == "first"
        _config(tmp_path, "first", "second")
        assert _newest(config) == "first"
    assert _newest(config) == "second"


def test_revisions_of_another_place_are_others(tmp_path: Path) -> None:
    with table_revisions.read_once(), table_revisions.read_once():
        assert _newest(_config(tmp_path / "a", "first")) == "first"
        assert _newest(_config(tmp_path / "b", "other")) == "other"
