"""Dropdowns."""
