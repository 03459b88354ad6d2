"""Runs from start to end: the command line's, what they report, and how lost ones are ended."""
