"""The demo's second workflow: scanned field sheets, with every task type that is not a question.

A sheet has three frames: a map of an area, a page of handwriting, and a text. Version 6.10 orders the tools and
the options of the dropdowns differently; they are still the same, so votes of both versions may be pooled.

Each volunteer is asked what their generation of the classifier has: the old one knows no transcriptions, the new
one neither sliders nor dropdowns of several selects.

- `subjects`: what is on each sheet
- `marks`: marks, how volunteers draw them, and how either generation of the classifier writes them
- `tasks`, `dropdowns`, `drawing_tasks`: configuration and exported answers
- `workflow`: the versions
- `writing`: what hands do to texts
- `classifying`: who answers what and when, with their errors
"""
