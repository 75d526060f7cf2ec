"""The state file: all that a project keeps, in one SQLite table; read at the start, written at a clean stop."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson

from sandbox.cdf.project import Project

_TABLE = "CREATE TABLE IF NOT EXISTS document (part TEXT, key TEXT, value BLOB, PRIMARY KEY (part, key))"


def load(project: Project, path: Path) -> None:
    """Fill a new project from a state file; one that does not exist yet leaves it empty."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        for part, key, value in connection.execute("SELECT part, key, value FROM document ORDER BY rowid"):
            if part in project.persisted:
                project.persisted[part].load(key, orjson.loads(value))


def save(project: Project, path: Path) -> None:
    """Replace the content of a state file by what the project holds now, in one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_TABLE)
        connection.execute("DELETE FROM document")
        for part, persisted in project.persisted.items():
            connection.executemany(
                "INSERT INTO document VALUES (?, ?, ?)",
                ((part, key, orjson.dumps(value)) for key, value in persisted.dump()),
            )
