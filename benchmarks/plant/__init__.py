"""Whether a large plant loads within a function's limits, and whether a run with nothing new costs next to nothing."""
