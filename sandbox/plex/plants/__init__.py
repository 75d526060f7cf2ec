"""A plant, what one Plex tenant holds, and its time.

Imports no other package of this stand-in.
"""
