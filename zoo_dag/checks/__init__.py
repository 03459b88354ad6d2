"""Checks of the stored tables: are they plausible, and if not, what should the user do?

One module for each stage. A check takes tables and settings and returns a finding: a sentence with numbers, and
advice where something is wrong. `registry` says which table has which checks. Nothing here imports Dagster; the
assets report the findings (`zoo_dag.dagster.assets.checks`). A check collects aggregates, never a full table.
"""
