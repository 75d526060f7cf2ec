"""The package that every function carries: from a Plex row to a resource in CDF.

Imports only point down: function -> engine -> {plex, cdf} -> vocabulary (naming, resources, config, errors, …).
"""
