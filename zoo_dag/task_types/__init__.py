"""One folder for each task type."""
