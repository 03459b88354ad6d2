"""All code that imports Dagster: definitions, assets, sensors, and the execution and reports of runs."""
