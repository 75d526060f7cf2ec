"""The package that every function carries: from a Plex row to a resource in CDF.

Imports only point down: function -> run -> engine -> reading -> {plex, cdf} -> vocabulary (naming, config …).
"""
