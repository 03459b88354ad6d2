"""The consensus code that all task types share: units, ranks, intervals, pooling, and the summary of subjects.

Functions take and return LazyFrames; the same functions serve one workflow version and several pooled ones.
Nothing here imports Dagster. The consensus of each task type is in its folder (`zoo_dag.task_types`).
"""
