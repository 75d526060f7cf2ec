"""What rows become in CDF: taken in, compared with what was written before, announced, written, settled."""
