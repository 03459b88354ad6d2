"""Grids of subjects: cells that were selected. Their votes are those of a question about each subject shown."""
