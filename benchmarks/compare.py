"""Compare the figures of two runs: `python benchmarks/compare.py BEFORE.json AFTER.json`.

A change of less than 5 % is noise on a machine that does nothing else.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import orjson

NOISE = 0.05


def differences(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]], least: float
) -> list[str]:
    """A line for each figure that both runs have and that changed by more than the share `least`."""
    lines = []
    for name, figures in before.items():
        for figure, old in figures.items():
            new = after.get(name, {}).get(figure)
            if new is None or not old or abs(new / old - 1) <= least:
                continue
            lines.append(f"| {name} | {figure} | {old:g} | {new:g} | {new / old:.2f} |")
    return lines


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare two files that run_benchmark.py wrote.")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--least", type=float, default=NOISE, help="share to show (default: %(default)s)")
    options = parser.parse_args()
    before, after = (orjson.loads(path.read_bytes()) for path in (options.before, options.after))
    for name in before["machine"]:
        one, other = before["machine"][name], after["machine"].get(name)
        if one != other:
            print(f"different {name}: {one}, {other}")
    print("| measurement | figure | before | after | after : before |\n|---|---|---|---|---|")
    print("\n".join(differences(before["figures"], after["figures"], options.least)))
    only = sorted(before["figures"].keys() ^ after["figures"].keys())
    if only:
        print(f"\nIn one of them only: {', '.join(only)}.")


if __name__ == "__main__":
    main()
