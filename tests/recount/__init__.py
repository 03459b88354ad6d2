"""A recount of exports in plain Python, which shares no code with the package."""
