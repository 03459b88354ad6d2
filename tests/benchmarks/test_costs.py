"""What a million classifications cost, from the figures of a benchmark."""

from benchmarks.costs import Cost, costs, per_million, projected

FOUND = {
    "--help": {"cpu_seconds": 0.1},
    "question 7": {"cpu_seconds": 2.0, "export_gb": 0.0, "tables_gb": 0.0, "peak_gib": 0.2},
    "question 7 unchanged": {"cpu_seconds": 0.5},
    "question 1,007": {"cpu_seconds": 3.0, "export_gb": 0.1007, "tables_gb": 0.01007, "peak_gib": 0.3},
    "question 10,007": {"cpu_seconds": 38.0, "export_gb": 10.007, "tables_gb": 5.0035, "peak_gib": 0.4},
    "survey 10,007": {"cpu_seconds": 38.0, "export_gb": 10.007, "tables_gb": 5.0035, "peak_gib": 0.4},
}


def test_the_largest_export_counts_less_what_seven_rows_cost() -> None:
    assert costs(FOUND) == [Cost("question", 10_007, 3600.0, 1000.0, 500.0, 0.4)]


def test_what_is_projected_grows_with_the_rows_and_the_prices() -> None:
    measured = costs(FOUND)
    assert per_million(measured).splitlines()[2] == "| question | 10,007 | 3600 | 1000.00 | 500.00 | 0.40 |"
    assert projected(measured, core_hour=0.5, gigabyte_month=0.02).splitlines()[2:] == [
        "| question | 100 million | 100.0 | 100,000 | 50,000 | 50.00 | 1000.00 |",
        "| question | 1 billion | 1000.0 | 1,000,000 | 500,000 | 500.00 | 10000.00 |",
    ]
