"""Cognite Functions: deployed from a zip file, called in processes of their own.

Stands on `api`, `access` and `classic`.
"""
