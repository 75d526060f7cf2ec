"""The endpoints of the REST API as declarations, and the rows that they show of a plant.

Stands on `plants`.
"""
