"""Checks of the stored tables: is what came out plausible, and if not, what is there to do?

One module for each stage. A check takes tables and settings and gives a finding: a sentence with numbers, and
advice where something is wrong. `registry` says which table has which checks. Nothing here imports Dagster; the
assets hand the findings over (`zoo_dag.dagster.assets.checks`). A check reads aggregates, never a whole table.
"""
