"""Stored tables: the data folder, Parquet files, and reading them back."""
