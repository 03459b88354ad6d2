"""Measure text consensus against CollateX, which panoptes_aggregation uses: see README.md in this folder.

Run with the Python of zoo_dag. CollateX is imported where it is installed, or run by `--peer-python`, a Python in
whose environment it is; it sees the same texts, and only its own calls are timed.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.task_types.texts.transcriptions import sentences, transcriptions, word_error_rate
from zoo_dag.task_types.texts.alignment import consensus_of

VOLUNTEERS = (3, 5, 10)
GOAL_RATIO = 80.0
# What text_reducer of panoptes_aggregation 5.3.1 does with texts: a table of aligned tokens, and in each column
# the commonest of those that are there. Reads lists of texts as JSON, writes texts and CPU seconds.
PEER = """
import json, sys, time
from collections import Counter
from collatex import Collation, collate

def consensus(texts):
    collation = Collation()
    for number, text in enumerate(texts):
        collation.add_plain_witness(str(number), text)
    table = collate(collation, near_match=True, segmentation=False)
    chosen = []
    for column in table.columns:
        words = [str(tokens[0]) for tokens in column.tokens_per_witness.values()]
        chosen.append(Counter(filter(None, words)).most_common(1)[0][0])
    return " ".join(chosen)

subjects = json.load(sys.stdin)
started = time.process_time()
found = [consensus(texts) for texts in subjects]
json.dump([found, time.process_time() - started], sys.stdout)
"""


def ours(subjects: list[list[str]]) -> tuple[list[str], float]:
    started = time.process_time()
    found = [consensus_of(texts) for texts in subjects]
    seconds = time.process_time() - started
    return [consensus.text if consensus else "" for consensus in found], seconds


def peers(subjects: list[list[str]], python: str) -> tuple[list[str], float]:
    done = subprocess.run([python, "-c", PEER], input=json.dumps(subjects), stdout=subprocess.PIPE, text=True)  # noqa: PLW1510
    if done.returncode:
        sys.exit(
            f"{python}: CollateX did not run; install the packages collatex and Levenshtein there, "
            "or name another --peer-python"
        )
    found, seconds = json.loads(done.stdout)
    return found, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=100, help="sentences to transcribe (default 100)")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with the package collatex")
    options = parser.parse_args()
    truths, random = sentences(options.subjects), Random(44)  # noqa: S311
    # The first call pays for what is done once.
    ours([transcriptions(truths[0], 3, random)])
    print(f"{options.subjects} sentences; word error rate, CPU ms per subject")
    print(f"  {'volunteers':>10}  {'zoo_dag':>16}  {'CollateX':>18}  {'ratio':>6}")
    for people in VOLUNTEERS:
        # Other texts each time: the same ones again would be faster.
        subjects = [transcriptions(truth, people, random) for truth in truths]
        (found, seconds), (theirs, their_seconds) = ours(subjects), peers(subjects, options.peer_python)
        ratio = their_seconds / seconds
        figures = [
            f"{word_error_rate(texts, truths):8.4f}  {1000 * cpu / options.subjects:6.2f}"
            for texts, cpu in ((found, seconds), (theirs, their_seconds))
        ]
        print(f"  {people:>10}  {figures[0]:>16}  {figures[1]:>18}  {ratio:6.1f}")
    print(
        f"  goal with {people} volunteers: at least {GOAL_RATIO:g} ({'met' if ratio >= GOAL_RATIO else 'MISSED'})"
    )


if __name__ == "__main__":
    main()
