"""What the annotations of all task types share: their elements, definitions and values.

Nothing here imports Dagster. `elements` splits an annotation into elements and finds the task type of each;
`definitions` holds the tasks of a version, `learning` the task types where nothing defines them. The folders of
`task_types` turn elements into rows.
"""
