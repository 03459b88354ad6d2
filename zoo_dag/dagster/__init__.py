"""All code that imports Dagster: definitions, assets, sensors, and the execution and reports of runs.

What decides whether there is something to run imports none of it: `recipes`, `data_versions`, `over_versions`,
`planner`, `runs.requests` and `runs.unchanged`.
"""
