"""The order of folders: imports run downwards, and nothing imports in a circle.

Every import counts, also one inside a function. Only those under `if TYPE_CHECKING:` do not, since they never run.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "zoo_dag"
# From the ground up. Folders of one floor may import each other, but not in a circle.
FLOORS = (
    ("errors", "tables", "wording"),
    ("settings",),
    ("plots", "exports"),
    ("annotations", "consensus", "clustering", "store", "inbox", "fetching", "volunteers"),
    # `zoo_dag/__init__.py` is the Python interface: `scan` reads from the store.
    ("task_types", "events", "ledger", "demo", "formats", "__init__"),
    ("answers", "checks", "report"),
    ("dagster",),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {folder: number for number, folders in enumerate(FLOORS, 1) for folder in folders}
MOST_FLOORS = 9
MOST_MODULES_AT_THE_TOP = 4


def module_name(path: Path, package: Path) -> str:
    """The dotted name of a file; a package is called as its folder."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def running_imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a module at any depth, except those under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from running_imports(ast.Module([other], []))
        else:
            yield from running_imports(node)


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str | None]]:
    """What an import names: a module, and what is taken from it."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, None) for alias in node.names)
        return
    assert not node.level, "imports are absolute"
    yield from ((str(node.module), alias.name) for alias in node.names)


def import_graph(package: Path) -> dict[str, set[str]]:
    """By module of a package the modules of the package that it imports."""
    files = {module_name(path, package): path for path in sorted(package.rglob("*.py"))}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        imports = running_imports(ast.parse(path.read_text(encoding="utf-8")))
        named = [pair for node in imports for pair in imported_names(node)]
        # `from package import x` takes the module x where there is one, else something of the package itself.
        targets = {f"{module}.{what}" if f"{module}.{what}" in files else module for module, what in named}
        graph[name] = targets & files.keys() - {name}
    return graph


def folder_of(module: str) -> str:
    """The top-level folder, or the file at the top, that holds a module."""
    return [*module.split("."), "__init__"][1]


def folder_graph(modules: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """By folder the other folders that it imports from."""
    graph: dict[str, set[str]] = {}
    for module, targets in modules.items():
        folder = folder_of(module)
        graph.setdefault(folder, set()).update({folder_of(target) for target in targets} - {folder})
    return graph


def circle(graph: Mapping[str, set[str]]) -> str:
    """A circle of imports as `a > b > a`; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The sorter names what comes first, first: the imported one before the one that imports it.
        return " > ".join(reversed(error.args[1]))
    return ""


@pytest.fixture(scope="module")
def modules() -> dict[str, set[str]]:
    return import_graph(PACKAGE)


def test_every_folder_has_a_floor_and_there_are_few_floors(modules):
    assert {folder_of(module) for module in modules} == FLOOR_OF.keys()
    assert len(FLOORS) <= MOST_FLOORS


def test_imports_run_downwards(modules):
    upward = [
        f"{module} imports {target}: {folder_of(target)} is above {folder_of(module)}"
        for module, targets in modules.items()
        for target in sorted(targets)
        if FLOOR_OF[folder_of(target)] > FLOOR_OF[folder_of(module)]
    ]
    assert not upward, "\n".join(upward)


def test_no_files_import_each_other_in_a_circle(modules):
    assert not circle(modules)


def test_no_folders_import_each_other_in_a_circle(modules):
    assert not circle(folder_graph(modules))


def test_few_modules_are_outside_the_folders():
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_MODULES_AT_THE_TOP


def test_the_page_for_contributors_shows_the_floors():
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.MULTILINE)
    shown = {int(number): {name.strip("` ") for name in names.split(",")} for number, names in rows}
    assert shown == {number: set(folders) for number, folders in enumerate(FLOORS, 1)}


def test_imports_in_functions_count_and_those_for_types_do_not(tmp_path):
    package = tmp_path / "house"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "roof.py").write_text("if TYPE_CHECKING:\n    import house.attic\nelse:\n    import house.walls\n")
    (package / "walls.py").write_text("def build():\n    from house import roof, __doc__\n")
    (package / "attic.py").write_text("import house.walls as walls\n")
    graph = import_graph(package)
    assert graph == {
        "house": set(),
        "house.roof": {"house.walls"},
        "house.walls": {"house.roof", "house"},
        "house.attic": {"house.walls"},
    }
    assert circle(graph) in ("house.roof > house.walls > house.roof", "house.walls > house.roof > house.walls")


# Modules of Python that Windows does not have.
UNIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def test_no_module_needs_what_only_unix_has() -> None:
    needed = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for node in running_imports(ast.parse(path.read_text(encoding="utf-8")))
        for name, _ in imported_names(node)
        if name.partition(".")[0] in UNIX_ONLY
    ]
    assert not needed, "\n".join(needed)
