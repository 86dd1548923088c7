"""Making a model archive. Imported after `bot.train` made Rasa light.

Rasa's own `GraphTrainer` fingerprints the input of every node for a cache; with thousands of examples that
costs minutes, and our archive is named by its sources anyway. So the graph is run without it, and without
the importers that Rasa wraps around ours for end-to-end stories and retrieval intents, which we have none of.
"""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

import rasa.engine.validation
from rasa.engine.graph import GraphModelConfiguration
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.storage.local_model_storage import (
    MODEL_ARCHIVE_COMPONENTS_DIR,
    LocalModelStorage,
)
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.domain import Domain
from rasa.shared.data import TrainingType

from bot.learning import run_training
from bot.progress import show_progress
from bot.project import ProjectImporter

#: Numbers hardly shrink: gzip's usual level makes the archive 8 % smaller than its lowest and takes 37 s
#: instead of 2.
_COMPRESSION = 1


class _Storage(LocalModelStorage):
    """Rasa's, with an archive that is written quickly."""

    def create_model_package(
        self,
        model_archive_path: Path | str,
        model_configuration: GraphModelConfiguration,
        domain: Domain,
    ) -> ModelMetadata:
        metadata = self._create_model_metadata(domain, model_configuration)
        with tempfile.TemporaryDirectory() as directory:
            self._persist_metadata(metadata, Path(directory))
            with tarfile.open(model_archive_path, "w:gz", compresslevel=_COMPRESSION) as archive:
                archive.add(directory, arcname="")
                archive.add(self._storage_path, arcname=MODEL_ARCHIVE_COMPONENTS_DIR)
        return metadata


def train_model(importer: ProjectImporter, archive: Path) -> None:
    """Train on what `importer` gives and write `archive`, which appears only when it is complete.

    Raises:
        bot.labelled.BadLine: an extra line cannot be read.
        ValueError: the project's data contradict each other.
        rasa.shared.exceptions.RasaException: the same, found by Rasa.

    """
    config = importer.get_config()
    graph = Recipe.recipe_for_name(config["recipe"]).graph_config_for_recipe(
        config, {}, training_type=TrainingType.BOTH, is_finetuning=False
    )
    rasa.engine.validation.validate(graph)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        folder = Path(scratch, "storage")
        folder.mkdir()
        storage = _Storage(folder)
        run_training(graph.train_schema, storage, importer, _report)
        unfinished = Path(scratch, archive.name)
        storage.create_model_package(unfinished, graph, importer.get_domain())
        unfinished.replace(archive)


def _report(node: str, seconds: float, done: int, total: int) -> None:
    """A training of a minute must not look like a hang."""
    show_progress("train", done, total, f"{node.removeprefix('train_bot.nlu.')}: {seconds:.1f} s")
