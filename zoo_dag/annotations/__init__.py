"""What the annotations of all task types share: their elements, the definitions of tasks, values of any form.

Nothing here imports Dagster. `elements` says what the elements of an annotation are and of which task type; each
task type says which rows an element gives (`zoo_dag.task_types`).
"""
