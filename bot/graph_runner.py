"""Runs a loaded model's graph, one component after the other.

Rasa's own runner hands every run to dask, which plans it anew and keeps threads and futures for it: a
quarter of the time of a parse. What is needed for a target does not change between two messages.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata, ModelStorage


class StraightRunner(GraphRunner):
    """Rasa's graph for predictions, whose nodes are all loaded at once. It cannot train."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._needed = cache(self._find_needed)

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> StraightRunner:
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """The outputs of `targets`, given `inputs` by the name that the nodes know them by."""
        wanted = tuple(targets or self._schema.target_names)
        outputs = dict(inputs or {})
        for name in self._needed(wanted):
            sources = self._schema.nodes[name].needs.values()
            _, outputs[name] = self._nodes[name](*((one, outputs[one]) for one in sources))
        return {name: outputs[name] for name in wanted}

    def _find_needed(self, targets: tuple[str, ...]) -> list[str]:
        """The nodes that lead to `targets`, each after those that it needs."""
        ordered: dict[str, None] = {}

        def add(name: str) -> None:
            if name in self._schema.nodes and name not in ordered:
                for source in self._schema.nodes[name].needs.values():
                    add(source)
                ordered[name] = None

        for target in targets:
            add(target)
        return list(ordered)


def load_graph(archive: Path) -> tuple[ModelMetadata, GraphRunner]:
    """Unpack and load a model archive.

    Raises:
        OSError: there is no such file.
        tarfile.ReadError: it is no archive.

    """
    with tempfile.TemporaryDirectory() as directory:
        return load_predict_graph_runner(
            Path(directory), archive, LocalModelStorage, StraightRunner
        )
