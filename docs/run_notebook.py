"""Run the notebook beside the demo, and store what its cells show: `python docs/run_notebook.py FOLDER`.

FOLDER has the data folder `zoo_demo`, which `zoo-dag demo --data zoo_demo` made. This is done without Jupyter: a
cell is Python, and shows the value of its last line. Jupyter runs it as well.
"""

import ast
import code
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parent / "notebook.ipynb"


def run_notebook(notebook: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The notebook with what its cells show when they run one after the other in a folder."""
    interpreter = _Interpreter()
    number = 0
    cells = []
    with contextlib.chdir(folder):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                number += 1
                shown = _shown_by("".join(cell["source"]), interpreter)
                outputs = [] if shown is None else [_output(repr(shown), number)]
                cells.append({**cell, "execution_count": number, "outputs": outputs})
            else:
                cells.append(cell)
    return {**notebook, "cells": cells}


class _Interpreter(code.InteractiveInterpreter):
    """Python's own interpreter of lines that are typed in, but an error ends it."""

    def showtraceback(self) -> None:
        """Raise the error of a cell."""
        raise  # noqa: PLE0704  (called where the error was caught)


def _shown_by(source: str, interpreter: _Interpreter) -> object:
    """Run a cell, and return the value of its last line."""
    statements = ast.parse(source).body
    values = list[object]()
    before, sys.displayhook = sys.displayhook, values.append
    try:
        interpreter.runcode(compile(ast.Interactive(statements), NOTEBOOK.name, "single"))
    finally:
        sys.displayhook = before
    return values[-1] if isinstance(statements[-1], ast.Expr) else None


def _output(text: str, number: int) -> dict[str, Any]:
    data = {"text/plain": text.splitlines(keepends=True)}
    return {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}


def main(folder: Path) -> None:
    """Run the notebook in a folder, and write it with what its cells show."""
    ran = run_notebook(json.loads(NOTEBOOK.read_text(encoding="utf-8")), folder)
    NOTEBOOK.write_text(json.dumps(ran, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # Polars makes its tables as wide as the terminal.
    os.environ["COLUMNS"] = "120"
    main(Path(sys.argv[1]))
