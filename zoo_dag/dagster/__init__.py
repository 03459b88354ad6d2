"""Everything that imports Dagster: definitions, assets, what starts runs, and what runs report."""
