"""One folder for each task type, with all of its code.

`declaration` says what a task type declares, `catalogue` lists the task types, and `flatten_all` flattens the
annotations of a workflow version to their tables.
"""
