"""Measurements of zoo_dag, and the generators of the data that they and the demo need."""
