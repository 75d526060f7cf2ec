"""Data modeling: spaces, containers, views and data models, and the nodes and edges in them.

Stands on `api`.
"""
