"""What a Zooniverse export is: its layouts, how it is read, and how its cells become typed columns.

Nothing here imports Dagster, and nothing here knows about task types: annotations stay JSON text.
"""
