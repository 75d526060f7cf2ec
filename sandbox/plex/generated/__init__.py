"""Plants made by a seeded generator.

Stands on `rows` and on what these stand on, and on `data_sources` for where its rows go.
"""
