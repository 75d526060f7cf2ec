"""The page that says where every field of Plex lands in CDF, out of the declarations: `python -m tools.mappings`."""
