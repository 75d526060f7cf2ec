"""Options of the command line, checked before anything starts: a bad value is one line that says what is accepted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

SQLITE = b"SQLite format 3\0"
"""How every SQLite file begins: https://www.sqlite.org/fileformat.html"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        """End with the complaint and exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def port(text: str) -> int:
    """A port number; 0 lets the system choose a free one.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return whole_number(text, low=0, high=65535)


def facilities(text: str) -> int:
    """How many facilities to generate.

    Raises:
        argparse.ArgumentTypeError: It is no number from 1 to 50.
    """
    return whole_number(text, low=1, high=50)


def seed(text: str) -> int:
    """The seed of the generated plants.

    Raises:
        argparse.ArgumentTypeError: It is no whole number.
    """
    return whole_number(text, low=0, high=2**32 - 1)


def whole_number(text: str, *, low: int, high: int) -> int:
    """A whole number within bounds.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)


def readable_file(text: str) -> Path:
    """A file that exists and can be read.

    Raises:
        argparse.ArgumentTypeError: It cannot.
    """
    try:
        with Path(text).open("rb"):
            return Path(text)
    except OSError as error:
        message = f"{text} cannot be read ({error.strerror}): give a CSV file of shop-floor reports"
        raise argparse.ArgumentTypeError(message) from None


def writable_file(text: str) -> Path:
    """A file that can be written: its folder exists and it is no folder itself.

    Raises:
        argparse.ArgumentTypeError: It cannot.
    """
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} cannot be written: give a file in a folder that exists")
    return path


def state_file(text: str) -> Path:
    """A SQLite file, or one to be made.

    Raises:
        argparse.ArgumentTypeError: There is a file that is no SQLite file, or none can be made.
    """
    path = writable_file(text)
    if path.exists():
        with path.open("rb") as file:
            begin = file.read(len(SQLITE))
        if begin not in {b"", SQLITE}:
            raise argparse.ArgumentTypeError(f"{text} is no SQLite file: give one of an earlier start, or a new name")
    return path
