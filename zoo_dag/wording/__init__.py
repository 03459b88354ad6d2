"""Formatting of texts and numbers for people."""
