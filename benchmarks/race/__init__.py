"""Three ways to bring the same jobs from the same Plex into the same CDF, side by side."""
