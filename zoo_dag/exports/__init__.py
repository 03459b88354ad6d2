"""Zooniverse exports: reading and merging files, and turning their cells into typed columns.

Nothing here imports Dagster. Annotations stay JSON text; they are only checked and their elements counted.
"""
