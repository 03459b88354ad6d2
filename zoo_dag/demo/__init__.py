"""A small invented project with known truth, written as the three exports of Zooniverse.

`write_demo` writes the files and returns what is true: what every picture shows, and how
many rows of each kind there are. The same code always writes the same bytes.

- `project`: the workflow's versions, the subjects, the volunteers
- `tasks`: the task types: configuration and exported answers
- `classifying`: who answers what and when, with their errors
- `rows`: the rows of the three exports
- `export_form`: how the exporter writes cells, times and JSON
"""

from zoo_dag.demo.rows import DemoTruth, write_demo

__all__ = ["DemoTruth", "write_demo"]
