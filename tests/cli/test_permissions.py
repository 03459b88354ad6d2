"""Who may read what a command writes: nobody but owner and group, unless somebody says otherwise."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import classification_row, write_export


def command(*arguments: object, umask: int, **variables: str) -> "subprocess.CompletedProcess[str]":
    own = ("DAGSTER_HOME", "ZOO_DAG_UMASK")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zoo_dag", *map(str, arguments)],
        env={**environment, **variables},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


def modes(root: Path) -> set[str]:
    """The permissions of everything in a folder, and of itself."""
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in (root, *root.rglob("*"))}


def test_what_a_run_and_an_export_write_is_for_owner_and_group(tmp_path: Path) -> None:
    export = write_export(tmp_path / "classifications.csv", [classification_row(1)])
    data, target = tmp_path / "data", tmp_path / "out" / "rows.csv"
    ran = command("run", export, "--data", data, umask=0o022)
    assert ran.returncode == 0, ran.stderr
    assert modes(data) == {"0o750", "0o640"}
    command("export", "classifications", "--data", data, "--to", target, umask=0o022)
    assert modes(target.parent) == {"0o750", "0o640"}
    command("export", "classifications", "--data", data, "--to", target, umask=0o022, ZOO_DAG_UMASK="022")
    assert modes(target) == {"0o644"}
    command("export", "classifications", "--data", data, "--to", target, umask=0o077)
    assert modes(target) == {"0o600"}


@pytest.mark.parametrize("text", ["abc", "9", "-1", "99999999999999999999"])
def test_what_is_no_umask_is_a_sentence(text: str) -> None:
    ended = command("tables", umask=0o022, ZOO_DAG_UMASK=text)
    assert (ended.returncode, ended.stderr) == (
        2,
        f"Error: ZOO_DAG_UMASK is {text!r}; expected an umask such as 022.\n",
    )
