"""A small invented project with known truth, written as the three exports of Zooniverse.

`write_demo` writes the files and returns what is true: what every picture shows, and how
many rows of each kind there are. The same code always writes the same bytes.

Two workflows: `project` and `classifying` ask questions about pictures, `sheets` has all other
task types.

- `project`: the questions, the pictures, and the volunteers of both workflows
- `tasks`: questions: configuration and exported answers
- `classifying`: who answers what and when, with their errors
- `sheets`: the same for surveys, drawings, transcriptions, texts, dropdowns, sliders, highlighters
- `workflow`, `classification`, `rows`, `export_form`: what all workflows share, and how the exporter writes it
- `truth`, `comparison`, `recovery`: what is true, and how much of it the consensus finds
"""

from zoo_dag.demo.generate import write_demo
from zoo_dag.demo.truth import DemoTruth

__all__ = ["DemoTruth", "write_demo"]
