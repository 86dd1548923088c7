"""`python -m bot.train`: make a model archive, unless one of the same sources exists.

Standard output carries one line, the path of the archive; progress goes to standard error. Exit code 2
and one line when the project cannot be trained.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from bot import light_imports
from bot.quiet import keep_quiet


class CannotTrain(Exception):
    """Training cannot be done; the message is one line that says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        print(train(options.out, options.city, options.extra, only_extra=options.only))
    except CannotTrain as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    return 0


def train(
    out: Path, city: str = "demo", extra: Path | None = None, *, only_extra: bool = False
) -> Path:
    """Train into `out` and give the path of the archive, which is named by its sources.

    Raises:
        CannotTrain: see there.

    """
    make_rasa_light()
    from rasa.shared.exceptions import RasaException

    from bot.project import Project, ProjectImporter
    from bot.training import train_model

    if only_extra and extra is None:
        raise CannotTrain("--only needs --extra: there would be nothing to learn from")
    if extra is not None and not extra.exists():
        raise CannotTrain(f"no file {extra}")
    project = Project(city, extra, only_extra)
    archive = out / f"yingsheng-{project.fingerprint()}.tar.gz"
    if archive.exists():
        print(f"train: {archive.name} is up to date", file=sys.stderr)
        return archive
    started = time.perf_counter()
    try:
        train_model(ProjectImporter(project), archive)
    except (ValueError, RasaException) as error:
        raise CannotTrain(" ".join(str(error).split())) from error
    print(f"train: done in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return archive


def make_rasa_light() -> None:
    """Prepare this process for training: no log of texts, no unused libraries."""
    keep_quiet()
    light_imports.stand_in(light_imports.LEARNERS, light_imports.OUTSIDE_SERVICES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.train", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("YINGSHENG_DATA_DIR", "var")) / "models",
        help="folder for model archives (default: models in YINGSHENG_DATA_DIR)",
    )
    parser.add_argument(
        "--city",
        default=os.environ.get("YINGSHENG_CITY", "demo"),
        help="folder under cities/ whose places are learned (default: YINGSHENG_CITY or demo)",
    )
    parser.add_argument("--extra", type=Path, help="labelled lines (JSONL) to learn from as well")
    parser.add_argument("--only", action="store_true", help="learn from the --extra lines alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
