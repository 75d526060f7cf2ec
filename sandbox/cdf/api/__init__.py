"""What every endpoint stands on: JSON over HTTP, the fields of rows, cursors, ids and times.

Imports no other package of this stand-in.
"""
