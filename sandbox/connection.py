"""Breaking the connection of a request, as networks do."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive


async def break_off(receive: Receive, *, reset: bool) -> None:
    """End a connection: with RST, or with FIN behind what was sent so far.

    ASGI has no word for it. Uvicorn's `receive` belongs to the object that holds the connection, so it works there
    alone.

    Raises:
        RuntimeError: The application doesn't run under uvicorn.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("This fault needs the connection, which only uvicorn gives")
    if reset:
        # A socket that doesn't linger sends RST when it is closed, instead of FIN.
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    # Uvicorn takes an application that leaves before the client does for a broken one.
    while (await receive())["type"] != "http.disconnect":
        pass
