"""Write `docs/mappings.md` and the pages in `docs/mappings/`, or the same elsewhere: `python -m tools.mappings`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Write the pages, and remove those of extractors that are no more."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("usage: python -m tools.mappings [DIRECTORY]   (default: docs)", file=sys.stderr)
        return 2
    # As in CDF, every function's folder is a root of its own, and carries the package.
    sys.path[:0] = [str(ROOT / "shared"), *map(str, sorted((ROOT / "functions").glob("plex_*")))]
    from tools.mappings.pages import FOLDER, pages  # noqa: PLC0415  # what they import is found only now

    docs = Path(arguments[0]) if arguments else ROOT / "docs"
    (docs / FOLDER).mkdir(parents=True, exist_ok=True)
    written = {docs / name: text for name, text in pages(ROOT / "functions").items()}
    for file in set((docs / FOLDER).glob("*.md")) - written.keys():
        file.unlink()
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
    print(f"wrote {len(written)} pages into {docs}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
