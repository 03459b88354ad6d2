"""What `zoo-dag report` costs on many subjects: `python benchmarks/report.py --folder FOLDER`.

Generates an export of questions with 15 classifications of each subject, imports it, and writes the report in a
new process, several times. An export or a data folder that FOLDER has from an earlier run is used again.
"""

import argparse
import statistics
import sys
from pathlib import Path

from generate import generate, workflows_path
from measure import measure
from people import CLASSIFICATIONS_PER_SUBJECT

SUBJECTS, TIMES = 100_000, 3
MOST_CPU_SECONDS, MOST_BYTES = 5.0, 2_000_000


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="What the report of a large project costs.")
    parser.add_argument("--folder", type=Path, required=True, help="where the export and the data folder go")
    parser.add_argument("--subjects", type=int, default=SUBJECTS, help="number of subjects")
    arguments = parser.parse_args()
    zoo_dag = (sys.executable, "-m", "zoo_dag")
    export, data = arguments.folder / f"{arguments.subjects}.csv", arguments.folder / f"data-{arguments.subjects}"
    if not export.exists():
        generate(arguments.subjects * CLASSIFICATIONS_PER_SUBJECT, export)
    if not data.exists():
        measure((*zoo_dag, "run", str(export), str(workflows_path(export)), "--data", str(data)))
    target = arguments.folder / "report.html"
    costs = [measure((*zoo_dag, "report", "--data", str(data), "--to", str(target))) for _ in range(TIMES)]
    seconds, size = statistics.median(cost.cpu_seconds for cost in costs), target.stat().st_size
    print(f"{arguments.subjects:,} subjects: {seconds:.1f} CPU s (at most {MOST_CPU_SECONDS:g}), ", end="")
    print(f"{size:,} bytes (at most {MOST_BYTES:,}), {max(cost.peak_bytes for cost in costs) / 2**30:.2f} GiB")
    sys.exit(seconds > MOST_CPU_SECONDS or size > MOST_BYTES)


if __name__ == "__main__":
    main()
