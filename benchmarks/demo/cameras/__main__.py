"""Write the exports of the camera project into a folder: `python -m benchmarks.demo.cameras FOLDER`."""

import sys
from pathlib import Path

from benchmarks.demo.cameras.generate import generate

folder = Path(sys.argv[1])
(folder / "exports").mkdir(parents=True, exist_ok=True)
for name, text in generate().items():
    (folder / name).write_text(text, encoding="utf-8", newline="")
