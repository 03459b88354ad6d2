"""Dagster's web server and its daemon in one process, and what is asked of the requests to them."""
