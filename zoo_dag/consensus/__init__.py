"""Consensus: what volunteers together say about a subject. One module for each group of task types.

Functions take flattened annotations and give one table, LazyFrame in, LazyFrame out; the same functions serve
one workflow version and several pooled ones. Nothing here imports Dagster.
"""
