"""Runs from start to end: the runs of the command line, alerts, forgetting, and the end of lost runs."""
