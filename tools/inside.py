"""Runs inside a function's bundle, where neither the repository nor its environment can help out.

`python -I -S -B inside.py <code> <packages> <module>`, with the texts of pipeline configs by external id as JSON on
standard input. Imports the module as CDF does, and judges the configs by the settings of the extractor that it runs.
The last line of standard output is JSON: pairs of a pipeline and what is wrong with its config. A module that does not
import ends with its traceback.
"""

import importlib
import json
import sys
from types import ModuleType


def main(code: str, packages: str, name: str) -> None:
    """Import and judge."""
    sys.path[:0] = [code, packages]
    module = importlib.import_module(name)
    sys.stdout.write(f"\n{json.dumps(_problems(module, json.load(sys.stdin)))}\n")


def _problems(module: ModuleType, texts: dict[str, str]) -> list[tuple[str, str]]:
    # By its name: the bundle has a package of its own, and a function need not run an extractor.
    extractor = next((value for value in vars(module).values() if type(value).__name__ == "Extractor"), None)
    if extractor is None:
        return []
    config = importlib.import_module("plex_cdf.config")
    errors = importlib.import_module("plex_cdf.errors")
    problems = []
    for pipeline, text in texts.items():
        try:
            config.read_settings(extractor.settings, pipeline, text)
        except errors.ConfigurationError as error:
            problems.append((pipeline, str(error)))
    return problems


if __name__ == "__main__":
    main(*sys.argv[1:])
