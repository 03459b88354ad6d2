"""What commands load: libraries that a command does not need must not keep its users waiting."""

import subprocess
import sys
from pathlib import Path

from zoo_dag.cli import main as cli
from zoo_dag.cli.fetch import KINDS
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import LAYOUTS

# Runs the command lines of its input in one process, and prints what was loaded, or how one of them failed.
COMMANDS = """
import sys
from click.testing import CliRunner
from zoo_dag.cli.main import main
for line in sys.stdin.read().splitlines():
    result = CliRunner().invoke(main, line.split())
    if result.exit_code:
        sys.exit(f"{line}: {result.output} {result.exception}")
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(code: str, lines: str = "") -> set[str]:
    """The packages that a new process has loaded at the end of the code."""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)  # noqa: S603
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())


def test_help_loads_neither_dagster_nor_polars() -> None:
    lines = ["--help", "--version", *(f"{name} --help" for name in cli.main.commands)]
    packages = loaded(COMMANDS, "\n".join(lines))
    assert "click" in packages
    assert not packages & {"dagster", "polars", "numpy", "pydantic"}


def test_commands_that_read_tables_or_exports_load_no_dagster(tmp_path: Path) -> None:
    imports = TABLES["imports"]
    TableFiles(tmp_path / "tables").publish(imports, imports.empty().lazy(), {DATA_VERSION: "1"})
    agreement = TABLES["task_agreement"]
    TableFiles(tmp_path / "tables").publish(agreement, agreement.empty().lazy(), {DATA_VERSION: "1"}, "11")
    export = tmp_path / "classifications.csv"
    export.write_text(",".join(LAYOUTS["classifications"].today) + "\n", encoding="utf-8")
    lines = [
        f"tables --data {tmp_path}",
        f"export imports --data {tmp_path} --to {tmp_path / 'imports.csv'}",
        f"check {export} --data {tmp_path}",
        f"ask agreement --data {tmp_path}",
    ]
    packages = loaded(COMMANDS, "\n".join(lines))
    assert "polars" in packages
    assert not packages & {"dagster", "sqlalchemy"}
    assert (tmp_path / "imports.csv").read_text().startswith("sha256,")


def test_importing_the_package_loads_nothing_heavy() -> None:
    packages = loaded("import sys, zoo_dag; print(*sys.modules)")
    assert not packages & {"dagster", "polars", "numpy"}


def test_the_kinds_of_exports_to_fetch_are_all_kinds() -> None:
    assert list(KINDS) == list(LAYOUTS)
