"""A plant from the log of a real one.

Stands on `rows` and on what these stand on, and on `data_sources` for where its rows go.
"""
