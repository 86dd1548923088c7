"""Running Rasa's training graph over our project. Imported after `bot.train` made Rasa light."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import rasa.engine.validation
from rasa.engine.caching import LocalTrainingCache
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.graph_trainer import GraphTrainer
from rasa.shared.data import TrainingType
from rasa.shared.importers.importer import E2EImporter, ResponsesSyncImporter

from bot.project import Project, ProjectImporter


def train_model(project: Project, archive: Path) -> None:
    """Train and write `archive`, which appears only when it is complete.

    Raises:
        bot.labelled.BadLine: an extra line cannot be read.
        ValueError: the project's data contradict each other; Rasa's own errors are of this kind.
    """
    importer = E2EImporter(ResponsesSyncImporter(ProjectImporter(project)))
    config = importer.get_config()
    graph = Recipe.recipe_for_name(config["recipe"]).graph_config_for_recipe(
        config, {}, training_type=TrainingType.BOTH, is_finetuning=False
    )
    rasa.engine.validation.validate(graph)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        storage_folder = Path(scratch, "storage")
        storage_folder.mkdir()
        trainer = GraphTrainer(
            LocalModelStorage(storage_folder), LocalTrainingCache(), DaskGraphRunner
        )
        unfinished = Path(scratch, archive.name)
        trainer.train(graph, importer, unfinished, force_retraining=True)
        os.replace(unfinished, archive)
