"""The generator of the demo: a small invented project with known truth, as the three exports of Zooniverse.

`python -m benchmarks.demo` writes the files that zoo_dag ships in `zoo_dag/demo`. The same code always writes the
same exports.

Two workflows: `project` and `classifying` ask questions about pictures, `sheets` has all other task types.

- `project`: the questions, the pictures, and the volunteers of both workflows
- `tasks`: questions: configuration and exported answers
- `classifying`: who answers what and when, with their errors
- `sheets`: the same for surveys, drawings, transcriptions, texts, dropdowns, sliders, highlighters
- `workflow`, `classification`, `rows`, `export_form`: what all workflows share, and how the exporter writes it
- `truth`: what is true
"""
