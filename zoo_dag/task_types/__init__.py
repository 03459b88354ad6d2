"""One folder for each task type, with all that belongs to it.

`declaration` says what a task type declares, `catalogue` lists the task types, and `flatten_all` flattens the
annotations of a workflow version to their tables.
"""
