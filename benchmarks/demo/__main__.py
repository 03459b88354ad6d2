"""Write the files of `zoo_dag/demo`: `python -m benchmarks.demo`, in the root of the repository."""

import gzip
from pathlib import Path

from pydantic import TypeAdapter

import zoo_dag.demo
from benchmarks.demo.generate import generate
from zoo_dag.demo import TRUTH, DemoTruth


def main() -> None:
    """Write the exports, compressed, and the truth."""
    folder = Path(zoo_dag.demo.__file__).parent
    texts, truth = generate()
    for name, text in texts.items():
        # Without a time, the same text gives the same bytes.
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (folder / TRUTH).write_bytes(TypeAdapter(DemoTruth).dump_json(truth) + b"\n")


if __name__ == "__main__":
    main()
