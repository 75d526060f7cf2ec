"""Writing CDF, and what a run remembers there."""
