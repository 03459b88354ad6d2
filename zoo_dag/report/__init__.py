"""The report: what a team takes from the tables of a workflow, as one HTML file.

Each module in `sections` computes the part of one heading: pure functions of LazyFrames, which return texts,
tables and the numbers of charts (`parts`). `charts` draws them, `rendering` fills the templates, and `writing`
puts both together.
"""
