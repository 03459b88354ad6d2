"""What a million classifications of each kind cost: `python benchmarks/costs.py FIGURES.json`.

Reads what `run_benchmark.py --json` wrote, and prints CPU seconds, bytes and memory per million classifications,
and what 100 million and 1 billion would cost at the prices of the options. Costs are taken to grow with the rows:
of each kind the largest export that was measured counts, less what an import of 7 rows costs.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

Figures = Mapping[str, Mapping[str, float]]

FEW = 7
MILLION = 1_000_000
PROJECTED = {"100 million": 100, "1 billion": 1000}


class Cost(NamedTuple):
    """What a million classifications of a kind cost; `peak_gib` is that of the export with `rows` rows."""

    kind: str
    rows: int
    cpu_seconds: float
    export_gb: float
    tables_gb: float
    peak_gib: float


def costs(found: Figures) -> list[Cost]:
    """The costs of each kind of which an import of 7 rows and a larger one were measured."""
    sizes: dict[str, int] = {}
    for name in found:
        kind, _, count = name.partition(" ")
        if count.replace(",", "").isdigit():
            sizes[kind] = max(sizes.get(kind, 0), int(count.replace(",", "")))
    return [
        _cost(kind, rows, found[f"{kind} {FEW}"], found[f"{kind} {rows:,}"])
        for kind, rows in sizes.items()
        if rows > FEW and f"{kind} {FEW}" in found
    ]


def _cost(kind: str, rows: int, few: Mapping[str, float], many: Mapping[str, float]) -> Cost:
    per_million = MILLION / rows
    return Cost(
        kind,
        rows,
        (many["cpu_seconds"] - few["cpu_seconds"]) * MILLION / (rows - FEW),
        many["export_gb"] * per_million,
        many["tables_gb"] * per_million,
        many["peak_gib"],
    )


def per_million(measured: list[Cost]) -> str:
    """The costs of a million classifications as a table."""
    lines = [
        "| kind | measured with | CPU s | export, GB | tables, GB | peak memory, GiB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {cost.kind} | {cost.rows:,} | {cost.cpu_seconds:.0f} | {cost.export_gb:.2f} | {cost.tables_gb:.2f} "
        f"| {cost.peak_gib:.2f} |"
        for cost in measured
    ]
    return "\n".join(lines)


def projected(measured: list[Cost], core_hour: float, gigabyte_month: float) -> str:
    """What many more would cost, with the prices of an hour of a core, and of a GB stored for a month."""
    lines = [
        "| kind | classifications | core hours | export, GB | tables, GB | computing | storing, a month |",
        "|---|---|---|---|---|---|---|",
    ]
    for cost in measured:
        for name, millions in PROJECTED.items():
            hours, export, tables = (
                each * millions for each in (cost.cpu_seconds / 3600, cost.export_gb, cost.tables_gb)
            )
            lines.append(
                f"| {cost.kind} | {name} | {hours:.1f} | {export:,.0f} | {tables:,.0f} "
                f"| {hours * core_hour:.2f} | {tables * gigabyte_month:.2f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="What a million classifications of each kind cost.")
    parser.add_argument("figures", type=Path, help="what run_benchmark.py --json wrote")
    parser.add_argument("--core-hour", type=float, default=0.05, help="price (default: %(default)s)")
    parser.add_argument("--gigabyte-month", type=float, default=0.023, help="price (default: %(default)s)")
    options = parser.parse_args()
    measured = costs(orjson.loads(options.figures.read_bytes())["figures"])
    print(per_million(measured))
    print(f"\n{projected(measured, options.core_hour, options.gigabyte_month)}")


if __name__ == "__main__":
    main()
