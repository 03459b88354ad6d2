"""A camera project of the demo: bursts of pictures of animals that pass four cameras, with known visits.

It is the example of docs/events.md.
"""
