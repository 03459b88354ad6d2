"""The settings of a project: one `zoo_dag.toml` in the data folder."""
