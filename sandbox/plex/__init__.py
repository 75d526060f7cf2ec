"""A stand-in for the Plex REST and Data Source APIs, on the plants of a CSV log or of a seeded generator.

    clock = Clock(plant.ends)
    accounts = {"user": Account("password", plant.pcn)}
    app = create_app([plant], api_keys={"key": [plant.pcn]}, accounts=accounts, clock=clock)

A further endpoint is one declaration in one of the `…endpoints.py`, plus the rows that the plants give for its path; a
further data source is one in `sources.py`.
"""

from sandbox.plex.app import create_app
from sandbox.plex.clock import Clock
from sandbox.plex.csv_plant import csv_plant
from sandbox.plex.data_sources import Account, DataSourceSettings
from sandbox.plex.generator import generated_plants
from sandbox.plex.plant import Plant
from sandbox.plex.size import Size
from sandbox.plex.untidiness import TIDY, Untidiness

__all__ = [
    "TIDY",
    "Account",
    "Clock",
    "DataSourceSettings",
    "Plant",
    "Size",
    "Untidiness",
    "create_app",
    "csv_plant",
    "generated_plants",
]
