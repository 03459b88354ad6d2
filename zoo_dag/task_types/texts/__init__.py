"""Texts, typed or transcribed."""
