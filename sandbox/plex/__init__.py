"""A stand-in for the Plex REST API, on the plants of a CSV log or of a seeded generator.

    clock = Clock(plant.ends)
    app = create_app([plant], api_keys={"key": [plant.pcn]}, clock=clock)

A further endpoint is one declaration in `endpoints.py`, plus the rows that the plants give for its path.
"""

from sandbox.plex.app import create_app
from sandbox.plex.clock import Clock
from sandbox.plex.csv_plant import csv_plant
from sandbox.plex.generated_master import Size
from sandbox.plex.generator import generated_plants
from sandbox.plex.plant import Plant

__all__ = ["Clock", "Plant", "Size", "create_app", "csv_plant", "generated_plants"]
