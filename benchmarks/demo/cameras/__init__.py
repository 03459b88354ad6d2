"""A camera project of the demo: bursts of pictures of animals that pass four cameras, with known visits.

`python -m benchmarks.demo.cameras FOLDER` writes it as a project of its own, the example of docs/events.md.
"""
