"""Workflows as definitions, with their versions and triggers.

Stands on `api`, `access` and `classic`.
"""
