"""Task types that are kept as they are."""
