"""Serve an ASGI application by uvicorn, in a thread, on the loopback interface."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import uvicorn

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import ASGIApp

START_SECONDS = 30.0
GRACE_SECONDS = 5


class Server:
    """One uvicorn server in a thread of its own.

    Use it as a context manager, or call `start` and `stop`. uvicorn's own `Date` header is off: the stand-in for Plex
    sends its plant's time in it.

    Args:
        app: The ASGI application.
        port: TCP port on 127.0.0.1; 0 takes a free one.

    Raises:
        OSError: The port is taken (at construction, so that `url` is known before the start).
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the thread and return once the server accepts connections.

        Raises:
            RuntimeError: The server did not come up within 30 seconds.
        """
        self._thread.start()
        give_up = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up:
                self.stop()
                raise RuntimeError(f"The server at {self.url} did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Let running requests end (at most five seconds), then close every connection and the port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        # uvicorn exits like a program when the application fails at its start; `start` notices that the thread ended.
        with suppress(SystemExit):
            self._server.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
