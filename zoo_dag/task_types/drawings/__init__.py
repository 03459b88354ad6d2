"""Marks drawn on images."""
