"""The elements, definitions and values that the annotations of all task types share.

Nothing here imports Dagster. `elements` splits an annotation into elements and determines the task type of each;
`definitions` holds the tasks of a version, `learning` the task types without a definition. The folders of
`task_types` turn elements into rows.
"""
