"""A local stand-in for Cognite Data Fusion: one project, its REST API, and a record of every request."""

from sandbox.cdf.app import create_app

__all__ = ["create_app"]
