"""Annotations, JSON text, to flattened rows: one module per group of task types, listed in `registry`.

Nothing here imports Dagster. `flatten` goes through the classifications of a version; `elements` says what the
elements of an annotation are and of which task type; each task module says which rows an element gives.
"""
