"""What merely writing the tables of a data folder costs: what any run that stores them takes besides reading.

`python benchmarks/writing.py DATA` reads each stored file into memory, writes it again as a run does, and prints
the CPU seconds of the writing alone, by table.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl

from zoo_dag.store.data_folder import DataFolder

_SHOWN = 12


def writing_seconds(folder: DataFolder, target: Path) -> Counter[str]:
    """CPU seconds of writing each stored table, by its name."""
    seconds = Counter[str]()
    for file in sorted(folder.tables.root.rglob("[!.]*.parquet")):
        frame = pl.read_parquet(file, glob=False)
        name = file.stem if file.parent == folder.tables.root else file.parent.name
        started = time.process_time()
        folder.tables.write(frame.lazy(), target, {})
        seconds[name] += time.process_time() - started
    return seconds


def main() -> None:
    """Print the largest tables, and all of them together."""
    with tempfile.TemporaryDirectory() as staging:
        seconds = writing_seconds(DataFolder(Path(sys.argv[1])), Path(staging) / "table.parquet")
    for name, each in seconds.most_common(_SHOWN):
        print(f"{name:32} {each:.2f}")
    print(f"{'all':32} {seconds.total():.2f}")


if __name__ == "__main__":
    main()
