"""One run: what it is told, what it holds while it works, its streams one after another, its commits."""
