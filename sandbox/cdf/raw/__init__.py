"""RAW: databases of tables, and cursors that read one table side by side.

Stands on `api`.
"""
