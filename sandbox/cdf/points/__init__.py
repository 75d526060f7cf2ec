"""Time series: their points, the status of these, and aggregates over buckets of time.

Stands on `api` and `classic`.
"""
