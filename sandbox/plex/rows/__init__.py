"""What happens in a plant, as rows of the endpoints, whoever makes it happen.

Stands on `plants` and `endpoints`.
"""
