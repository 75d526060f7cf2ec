"""The Data Source API: its sources as declarations, their inputs, and who may execute them.

Stands on `plants` and `endpoints`.
"""
