"""Local stand-ins for Plex and CDF, and the command line that runs them. Nothing here knows the product."""
