"""Votes weighed by the demonstrated skill of who cast them.

`votes` has the votes of a task as numbers, `methods` the methods behind one interface, and `calibration` what gold
says of their certainty. These know nothing of exports, Polars or Dagster.
"""
