"""The generator of the demo: a small invented project with known truth, as the three exports of Zooniverse.

`python -m benchmarks.demo` writes the files that zoo_dag ships in `zoo_dag/demo`. The same code always writes the
same exports.

Four workflows: `project` and `classifying` ask questions about pictures, `sheets` has nearly all other task types,
`cameras` has bursts of pictures, and `grids` shows twenty pictures at a time.

- `project`: the questions, the pictures, and the volunteers of all workflows
- `tasks`: questions: configuration and exported answers
- `classifying`: who answers what and when, with their errors
- `sheets`: the same for surveys, drawings, transcriptions, texts, dropdowns, sliders, highlighters, crops, spans
  on curves, corrections of a text
- `cameras`: surveys of what passed cameras
- `grids`: grids of pictures
- `workflow`, `classification`, `rows`, `export_form`: what all workflows share, and how the exporter writes it
- `truth`: what is true
"""
