"""Highlighted spans of texts."""
