"""The extractors that the functions of this repository run."""

import importlib.util
from typing import Any

from plex_cdf.stream import Extractor

from tools.stage import ROOT


def extractor_of(function: str) -> Extractor[Any]:
    """The extractor that a function's own module declares."""
    name = function.removeprefix("plex_")
    spec = importlib.util.spec_from_file_location(name, ROOT / "functions" / function / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (extractor,) = [value for value in vars(module).values() if isinstance(value, Extractor)]
    return extractor
