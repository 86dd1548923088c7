"""Running Rasa's training graph over our project. Imported after `bot.train` made Rasa light.

Rasa's own `GraphTrainer` fingerprints the input of every node for a cache; with thousands of examples that
costs minutes, and our archive is named by its sources anyway. So the graph is run without it, and without
the importers that Rasa wraps around ours for end-to-end stories and retrieval intents, which we have none of.
"""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import Any

import rasa.engine.validation
from rasa.engine.constants import PLACEHOLDER_IMPORTER
from rasa.engine.graph import ExecutionContext, GraphNodeHook
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.data import TrainingType

from bot.project import Project, ProjectImporter

logger = logging.getLogger("yingsheng.train")


class _Progress(GraphNodeHook):
    """Says what is being done: a training of half a minute must not look like a hang."""

    def __init__(self, nodes: int) -> None:
        self._nodes = nodes
        self._done = 0

    def on_before_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        received_inputs: dict[str, Any],
    ) -> dict[str, Any]:
        return {"started": time.perf_counter()}

    def on_after_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        output: Any,
        input_hook_data: dict[str, Any],
    ) -> None:
        self._done += 1
        seconds = time.perf_counter() - input_hook_data["started"]
        logger.info("%2d/%d %s: %.1f s", self._done, self._nodes, node_name, seconds)


def train_model(project: Project, archive: Path) -> None:
    """Train and write `archive`, which appears only when it is complete.

    Raises:
        bot.labelled.BadLine: an extra line cannot be read.
        ValueError: the project's data contradict each other.
        rasa.shared.exceptions.RasaException: the same, found by Rasa.

    """
    importer = ProjectImporter(project)
    config = importer.get_config()
    graph = Recipe.recipe_for_name(config["recipe"]).graph_config_for_recipe(
        config, {}, training_type=TrainingType.BOTH, is_finetuning=False
    )
    rasa.engine.validation.validate(graph)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        folder = Path(scratch, "storage")
        folder.mkdir()
        storage = LocalModelStorage(folder)
        runner = DaskGraphRunner.create(
            graph.train_schema,
            storage,
            ExecutionContext(graph.train_schema),
            hooks=[_Progress(len(graph.train_schema.nodes))],
        )
        runner.run(inputs={PLACEHOLDER_IMPORTER: importer})
        unfinished = Path(scratch, archive.name)
        storage.create_model_package(unfinished, graph, importer.get_domain())
        unfinished.replace(archive)
