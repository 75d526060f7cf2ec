"""A stand-in for the Plex REST and Data Source APIs, on the plants of a CSV log or of a seeded generator.

    clock = Clock(plant.ends)
    accounts = {"user": Account("password", plant.pcn)}
    app = create_app([plant], api_keys={"key": [plant.pcn]}, accounts=accounts, clock=clock)

Beside this file lies the server: the application, the REST API, control requests and faults. It stands on the packages,
each of which imports only from those below it:

    csv   generated
    rows   data_sources
        endpoints
         plants

A further endpoint is one declaration in `endpoints`, plus the rows that the plants give for its path; a further data
source is one in `data_sources/sources.py`.
"""

from sandbox.plex.app import create_app
from sandbox.plex.csv.plant import csv_plant
from sandbox.plex.data_sources.api import Account, DataSourceSettings
from sandbox.plex.generated.generator import generated_plants
from sandbox.plex.generated.size import Size
from sandbox.plex.generated.untidiness import TIDY, Untidiness
from sandbox.plex.plants.clock import Clock
from sandbox.plex.plants.plant import Plant

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
