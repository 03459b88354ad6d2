"""Formats of other programs: each is one module here, and one declaration in `zoo_dag.formats.catalogue`."""
