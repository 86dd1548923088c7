"""The city's answers as they are on disk now, and the one rule for when one of them answers."""

from __future__ import annotations

import logging
from pathlib import Path

from desk.knowledge.faq import FaqError, load_faq
from desk.knowledge.index import Entry, Index

logger = logging.getLogger(__name__)

# From here on the nearest entry answers; below it a wrong answer is likelier than none. Of
# tests/unit/knowledge/paraphrases.yml, 88 % of the questions that have an entry are answered, none
# wrongly, and none of those that have no entry. See docs/faq-retrieval.md.
NEAR = 0.26

# “周末上班吗” is 0.33 near to one entry and 0.29 to another; “12345都能管什么” 0.37 and 0.17.
_NEARLY = 0.7


class Answers:
    """Entries of a folder, read again when a file of it was changed, added or taken away.

    A file that cannot be read leaves the answers as they were, and the log says which it is.
    """

    def __init__(self, folder: Path) -> None:
        """Read the folder. Raises FaqError, naming the file, for what cannot be read."""
        self._folder = folder
        self._seen = self._files()
        self._index = Index(load_faq(folder))

    def find(self, question: str, *, near: float = NEAR, alone: bool = False) -> Entry | None:
        """The entry that answers a question; None rather than a doubtful one. `alone`: also when another
        is nearly as near."""
        self._keep_up()
        hits = self._index.search(question, limit=2)
        if not hits or hits[0].score < near:
            return None
        rivals = alone and len(hits) > 1 and hits[1].score >= _NEARLY * hits[0].score
        return None if rivals else hits[0].entry

    def _keep_up(self) -> None:
        files = self._files()
        if files == self._seen:
            return
        self._seen = files
        try:
            self._index = Index(load_faq(self._folder))
        except FaqError as error:
            logger.warning("the answers stay as they were: %s", error)
        else:
            logger.info("the answers were read again")

    def _files(self) -> list[tuple[str, int, int]]:
        """Name, time of change and size of each file."""
        found = ((path.name, path.stat()) for path in sorted(self._folder.glob("*.yml")))
        return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in found]
