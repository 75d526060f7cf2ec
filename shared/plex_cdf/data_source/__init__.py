"""Streams that are pure configuration: what a data source is asked, and what its columns become."""
