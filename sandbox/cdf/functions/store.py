"""What the project knows of functions: deployments, their calls and their schedules."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.functions.runner import Code, index_arguments

DEPLOYED = frozenset({"Ready", "Failed"})


@dataclass
class Function:
    """One deployed function.

    Attributes:
        row: The function as the API answers it, its secrets masked.
        zip: The code, as it was when the function was created.
        secrets: The secrets that `handle()` gets.
        indexes: pip's arguments for the function's own package indexes.
    """

    row: Json
    zip: bytes
    secrets: dict[str, str]
    indexes: tuple[str, ...] = ()

    @classmethod
    def create(cls, row: Json, content: bytes, item: Mapping[str, Any]) -> "Function":
        """A new function from what was sent to create it."""
        indexes = index_arguments(item.get("indexUrl"), item.get("extraIndexUrls") or ())
        return cls(row, content, dict(item.get("secrets") or {}), indexes)

    @property
    def id(self) -> int:
        """The function's id."""
        return int(self.row["id"])

    def code(self) -> Code:
        """What the runner needs to run it."""
        path, variables, memory = self.row["functionPath"], self.row.get("envVars", {}), self.row["memory"]
        return Code(self.id, self.zip, path, self.indexes, variables, memory)


@dataclass
class Call:
    """One call of a function.

    Attributes:
        row: The call as the API answers it.
        logs: `{"timestamp", "message"}` per line of stdout and stderr; grows while the call runs.
        response: What `handle()` returned, as JSON text; None unless completed.
        usage: What its process used: `{"cpuSeconds", "peakBytes"}`; None unless it ended by itself.
    """

    row: Json
    logs: list[Json] = field(default_factory=list)
    response: str | None = None
    usage: dict[str, float] | None = None


@dataclass
class Schedule:
    """One schedule.

    Attributes:
        row: The schedule as the API answers it.
        data: The data of its calls.
        next_fire: When it is due next, in milliseconds since the epoch.
    """

    row: Json
    data: Json | None
    next_fire: int = 0


class FunctionStore:
    """All functions, calls and schedules by id, oldest first.

    Attributes:
        url: The address at which scheduled calls reach this server; empty until it is known.
    """

    def __init__(self) -> None:
        self.url = ""
        self.functions: dict[int, Function] = {}
        self.calls: dict[int, Call] = {}
        self.schedules: dict[int, Schedule] = {}

    def function(self, function_id: int) -> Function:
        """The function.

        Raises:
            ApiError: 404 when there is none.
        """
        if function_id not in self.functions:
            raise ApiError(404, f"Function {function_id} not found")
        return self.functions[function_id]

    def call(self, function_id: int, call_id: int) -> Call:
        """The call of that function.

        Raises:
            ApiError: 404 when there is none.
        """
        call = self.calls.get(call_id)
        if call is None or call.row["functionId"] != function_id:
            raise ApiError(404, f"Call {call_id} of function {function_id} not found")
        return call

    def schedules_of(self, function_id: int) -> list[Schedule]:
        """The schedules of a function."""
        return [schedule for schedule in self.schedules.values() if schedule.row["functionId"] == function_id]

    def schedule(self, schedule_id: int) -> Schedule:
        """The schedule.

        Raises:
            ApiError: 404 when there is none.
        """
        if schedule_id not in self.schedules:
            raise ApiError(404, f"Schedule {schedule_id} not found")
        return self.schedules[schedule_id]

    def delete_function(self, function_id: int) -> None:
        """Remove a function with its calls."""
        del self.functions[function_id]
        for key in [key for key, one in self.calls.items() if one.row["functionId"] == function_id]:
            del self.calls[key]

    def running(self, function_id: int | None = None) -> int:
        """How many calls run now, of one function or of all."""
        rows = [call.row for call in list(self.calls.values())]
        return sum(row["status"] == "Running" and function_id in {None, row["functionId"]} for row in rows)

    def dump(self) -> Iterator[tuple[str, Json]]:
        """What a restart must remember."""
        for function in self.functions.values():
            code = base64.b64encode(function.zip).decode()
            secrets, indexes = function.secrets, list(function.indexes)
            yield f"function/{function.id}", {"row": function.row, "zip": code, "secrets": secrets, "indexes": indexes}
        for key, call in self.calls.items():
            yield f"call/{key}", {"row": call.row, "logs": call.logs, "response": call.response}
        for key, schedule in self.schedules.items():
            yield f"schedule/{key}", {"row": schedule.row, "data": schedule.data}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        kind, _, number = key.partition("/")
        if kind == "function":
            content = base64.b64decode(value["zip"])
            self.functions[int(number)] = Function(value["row"], content, value["secrets"], tuple(value["indexes"]))
        elif kind == "call":
            self.calls[int(number)] = Call(**value)
        else:
            self.schedules[int(number)] = Schedule(**value)
