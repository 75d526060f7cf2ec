"""A local stand-in for Cognite Data Fusion: one project, its REST API, and a record of every request.

Beside this file lies what serves the project as a whole: the application, the gate before it with its access control
list, faults, limits and the record, the project itself and its state file. All of it stands on the packages:

    raw   instances   points   functions   workflows
                                     access
                               classic
                                 api

Each imports only from those below it. What it needs of the project, it says as a protocol.
"""

from sandbox.cdf.app import create_app

__all__ = ["create_app"]
