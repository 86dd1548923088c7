"""What a broken city folder raises."""

from __future__ import annotations

from pathlib import Path


class CityError(Exception):
    """One line that names the file, the entry and what is wrong with it, for whoever edits it."""

    def __init__(self, file: Path, entry: str, problem: str) -> None:
        where = f"{file.parent.name}/{file.name}"
        super().__init__(f"{where}: {entry}: {problem}" if entry else f"{where}: {problem}")
