"""Rows of one RAW database, as far as a run needs them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from plex_cdf.cdf.api import CdfApi
from plex_cdf.errors import ConfigurationError

Columns = dict[str, Any]
ROWS_PER_WRITE = 5000
ROWS_PER_READ = 10_000


class RawTable:
    """One deployed table.

    Args:
        api: The way to CDF.
        database: Its name.
        table: Its name.
    """

    def __init__(self, api: CdfApi, database: str, table: str) -> None:
        self._api = api
        self._name = f"{table} of database {database}"
        self._path = f"/raw/dbs/{quote(database, safe='')}/tables/{quote(table, safe='')}/rows"

    def get(self, key: str) -> Columns | None:
        """One row's columns, None where there is no such row."""
        answer = self._api.get(f"{self._path}/{quote(key, safe='')}")
        return None if answer is None else dict(answer["columns"])

    def keys(self) -> Iterator[str]:
        """The keys of all rows. Raises as `all` does."""
        # A lone comma asks for rows without columns.
        return (key for key, _ in self.all(columns=","))

    def all(self, columns: str | None = None) -> Iterator[tuple[str, Columns]]:
        """Every row: key and columns, or those of the columns that are named.

        Raises:
            ConfigurationError: There is no such table.
        """
        cursor: str | None = None
        while True:
            params: dict[str, str | int] = {"limit": ROWS_PER_READ}
            params |= {"cursor": cursor} if cursor else {}
            params |= {"columns": columns} if columns else {}
            answer = self._api.get(self._path, params)
            if answer is None:
                raise ConfigurationError(f"RAW table {self._name} does not exist: deploy the facility")
            yield from ((item["key"], item["columns"]) for item in answer["items"])
            following = answer.get("nextCursor")
            if not following or following == cursor:
                return
            cursor = following

    def put(self, rows: Mapping[str, Columns], *, ours: bool = False) -> None:
        """Replaces rows whole. Repeatable: a row that is sent twice is one row.

        Args:
            rows: By key.
            ours: Whether nothing in them is as Plex sent it, so that all of it can be stored.
        """
        items = [{"key": key, "columns": columns if ours else _storable(columns)} for key, columns in rows.items()]
        for start in range(0, len(items), ROWS_PER_WRITE):
            self._api.post(self._path, {"items": items[start : start + ROWS_PER_WRITE]})

    def delete(self, keys: list[str]) -> None:
        """Removes rows; unknown keys do not matter."""
        for start in range(0, len(keys), 1000):
            items = [{"key": key} for key in keys[start : start + 1000]]
            self._api.post(f"{self._path}/delete", {"items": items})


def _storable(columns: Columns) -> Columns:
    """Columns that CDF takes, whatever Plex sent: no half characters, no numbers that JSON does not have."""
    text = json.dumps(columns, ensure_ascii=False)
    return dict(json.loads(text.encode(errors="replace"), parse_constant=str))
