"""Running Rasa's training graph: what the learners read one after the other, then the learners at once.

Rasa runs the nodes of a graph in one process, one after the other. Ours wait for nothing but the segmented
examples, so each of them is trained in a process forked off when these are there: nothing is copied, and what
a learner learned is in the model's storage when its process ends.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.constants import PLACEHOLDER_IMPORTER
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import ExecutionContext, GraphNode, GraphSchema
from rasa.engine.storage.storage import ModelStorage

Output = tuple[str, Any]

#: Called after each node with its name, its seconds, and how many are done of how many.
Report = Callable[[str, float, int, int], None]


def run_training(schema: GraphSchema, storage: ModelStorage, importer: Any, report: Report) -> None:
    """Run all nodes of a training graph. What they learn is written to `storage`.

    Raises:
        ValueError, rasa.shared.exceptions.RasaException: what a component found wrong with the data.
        concurrent.futures.process.BrokenProcessPool: a learner was killed, for want of memory perhaps.

    """
    context = ExecutionContext(schema)
    nodes = {
        name: GraphNode.from_schema_node(name, node, storage, context)
        for name, node in schema.nodes.items()
    }
    inputs = {name: list(node.needs.values()) for name, node in schema.nodes.items()}
    needed = {name for names in inputs.values() for name in names}
    outputs: dict[str, Output] = {PLACEHOLDER_IMPORTER: (PLACEHOLDER_IMPORTER, importer)}
    done = 0
    for name in TopologicalSorter(inputs).static_order():
        if name in needed and name in nodes:
            started = time.perf_counter()
            outputs[name] = _run(nodes[name], [outputs[one] for one in inputs[name]])
            done += 1
            report(name, time.perf_counter() - started, done, len(nodes))
    learners = {
        name: (nodes[name], [outputs[one] for one in inputs[name]])
        for name in nodes
        if name not in needed
    }
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), fork, _inherit, (learners,)) as pool:
        for finished in as_completed([pool.submit(_learn, name) for name in learners]):
            name, seconds = finished.result()
            done += 1
            report(name, seconds, done, len(nodes))


def _run(node: GraphNode, received: list[Output]) -> Output:
    try:
        return node(*received)
    except GraphComponentException as error:  # Rasa's wrapping of what a component raised
        raise error.__cause__ or error from None


_learners: dict[str, tuple[GraphNode, list[Output]]] = {}


def _inherit(learners: dict[str, tuple[GraphNode, list[Output]]]) -> None:
    """In a forked process: what it may be asked to learn. Inherited, not sent."""
    _learners.update(learners)


def _learn(name: str) -> tuple[str, float]:
    started = time.perf_counter()
    _run(*_learners[name])
    return name, time.perf_counter() - started
