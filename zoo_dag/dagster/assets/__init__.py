"""The assets of zoo_dag, one module for each group: they name dependencies and call one function."""
