"""Classic resources: assets, events, sequences, files, and the filters, lists and updates that they share.

Stands on `api`.
"""
