"""A read-only web page on what the local CDF holds, and the JSON that it reads."""

from sandbox.console.app import PATH, with_console

__all__ = ["PATH", "with_console"]
