"""Write the files of `zoo_dag/demo`: `python -m benchmarks.demo`, in the root of the repository."""

import gzip
from pathlib import Path

from pydantic import TypeAdapter

import zoo_dag.demo
from benchmarks.demo.generate import generate
from zoo_dag.demo import TRUTH, DemoTruth


def main() -> None:
    """Write the exports and the truth, compressed."""
    folder = Path(zoo_dag.demo.__file__).parent
    texts, truth = generate()
    contents = {name: text.encode() for name, text in texts.items()}
    contents[TRUTH] = TypeAdapter(DemoTruth).dump_json(truth)
    for name, content in contents.items():
        # Without a time, the same content gives the same bytes.
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
