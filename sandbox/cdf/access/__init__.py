"""Who may come in, and what they may do there: identities, sessions, groups and their capabilities.

Stands on `api`, and on `classic` for how its rows are kept.
"""
