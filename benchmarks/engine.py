"""Stock `rasa run` and our engine side by side: same model, dialogue, action server and PostgreSQL.

Prints a table, then one JSON line; exit code 1 when ours is less than twice as fast.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from desk.settings import ROOT
from tests.harness.clusters import embedded
from tests.harness.engine import trained_model
from tests.harness.places import free_port, scratch

ENGINE_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
REQUIRED_RATIO = 2.0
TOKEN = "benchmark"

#: One resident: a report through the whole form, and what people say around it.
DIALOGUE = (
    "你好",
    "幸福里3号楼楼下的路灯坏了三天没人修，晚上黑得看不见路",
    "永安街道幸福里小区3号楼",
    "跳过",
    "是的，提交吧",
    "我的诉求办到哪一步了",
    "谢谢",
)
CONVERSATIONS_AT_ONCE = 8
SECONDS_TO_START = 180


@dataclass
class Engine:
    """A running engine, how to send it a message, and what was measured of it."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    request: Callable[[str, str, str], dict[str, Any]]
    path: str
    seconds_to_ready: float = 0.0
    seconds: list[float] = field(default_factory=list)
    busy: float = 0.0
    memory_mb: float = 0.0

    def take_memory(self) -> None:
        """Reads the resident memory of the living process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        self.memory_mb = int(line.split()[1]) / 1024

    async def wait_until_ready(self, started: float) -> None:
        """Polls `/status` until the model is loaded.

        Raises:
            RuntimeError: the process ended or took too long.

        """
        async with httpx.AsyncClient() as client:
            while time.perf_counter() - started < SECONDS_TO_START:
                if self.process.poll() is not None:
                    break
                try:
                    answer = await client.get(
                        f"http://127.0.0.1:{self.port}/status", params={"token": TOKEN}
                    )
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == httpx.codes.OK:
                    self.seconds_to_ready = time.perf_counter() - started
                    return
        raise RuntimeError(f"{self.name} did not get ready")

    async def run_round(self, name: str, conversations: int) -> None:
        """Lets residents talk, some at once, each waiting for its answers; adds what was measured."""
        waiting = [f"{name}-{number}" for number in range(conversations)]
        async with httpx.AsyncClient(timeout=60) as client:

            async def lane() -> None:
                while waiting:
                    await self._talk(client, waiting.pop())

            started = time.perf_counter()
            await asyncio.gather(*(lane() for _ in range(CONVERSATIONS_AT_ONCE)))
        self.busy += time.perf_counter() - started

    async def _talk(self, client: httpx.AsyncClient, sender: str) -> None:
        for number, text in enumerate(DIALOGUE):
            body = self.request(sender, f"{sender}-{number}", text)
            started = time.perf_counter()
            answer = await client.post(
                f"http://127.0.0.1:{self.port}{self.path}", params={"token": TOKEN}, json=body
            )
            self.seconds.append(time.perf_counter() - started)
            answer.raise_for_status()
            content = answer.json()
            if not (content["replies"] if isinstance(content, dict) else content):
                raise RuntimeError(f"{self.name} said nothing to message {number}")

    def figures(self) -> dict[str, float]:
        """What was measured."""
        ordered = sorted(self.seconds)
        return {
            "messages_per_second": len(ordered) / self.busy,
            "p50_ms": 1000 * ordered[len(ordered) // 2],
            "p95_ms": 1000 * ordered[int(0.95 * len(ordered))],
            "seconds_to_ready": self.seconds_to_ready,
            "memory_mb": self.memory_mb,
        }


@contextmanager
def running(
    command: Sequence[str], log: Path, **environment: str
) -> Generator[subprocess.Popen[bytes]]:
    """A child process in the project's folder; ended with the block."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **environment}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stock_command(
    model: Path, port: int, actions_url: str, database: str, folder: Path
) -> list[str]:
    """`rasa run` with its REST channel, its SQL tracker store and the action server."""
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        f"action_endpoint:\n  url: {actions_url}\n"
        f'tracker_store:\n  type: SQL\n  dialect: postgresql\n  url: "{database}"\n'
    )
    credentials.write_text("rest:\n")
    return [
        str(ENGINE_PYTHON), "-m", "rasa", "run", "--enable-api", "--auth-token", TOKEN,
        "--interface", "127.0.0.1", "--port", str(port), "--model", str(model),
        "--endpoints", str(endpoints), "--credentials", str(credentials),
    ]  # fmt: skip


async def measure(
    model: Path, database: str, rounds: int, conversations: int, folder: Path
) -> list[Engine]:
    """Start everything, let both engines take turns at the same dialogues, stop everything."""
    actions_port, stock_port, own_port = free_port(), free_port(), free_port()
    actions_url = f"http://127.0.0.1:{actions_port}/webhook"
    with ExitStack() as stack:
        sdk = [str(ENGINE_PYTHON), "-m", "rasa_sdk", "--actions", "benchmarks.engine_actions"]
        stack.enter_context(running([*sdk, "-p", str(actions_port)], folder / "actions.log"))
        started = time.perf_counter()
        stock = Engine(
            "stock rasa run",
            stack.enter_context(
                running(
                    stock_command(model, stock_port, actions_url, database, folder),
                    folder / "stock.log",
                    RASA_TELEMETRY_ENABLED="false",
                )
            ),
            stock_port,
            lambda sender, _message_id, text: {"sender": sender, "message": text},
            "/webhooks/rest/webhook",
        )
        await stock.wait_until_ready(started)
        started = time.perf_counter()
        own = Engine(
            "yingsheng engine",
            stack.enter_context(
                running(
                    [str(ENGINE_PYTHON), "-m", "bot.serve"],
                    folder / "own.log",
                    YINGSHENG_MODEL=str(model),
                    YINGSHENG_DATABASE_URL=database,
                    YINGSHENG_ACTIONS_URL=actions_url,
                    YINGSHENG_ENGINE_TOKEN=TOKEN,
                    YINGSHENG_ENGINE_PORT=str(own_port),
                )
            ),
            own_port,
            lambda sender, message_id, text: {
                "sender": sender,
                "message_id": message_id,
                "text": text,
            },
            "/webhooks/yingsheng/turn",
        )
        await own.wait_until_ready(started)
        engines = [stock, own]
        try:
            for number in range(rounds + 1):
                for engine in engines:
                    await engine.run_round(f"r{number}", conversations)
                    if number == 0:  # the first round warms both up
                        engine.seconds.clear()
                        engine.busy = 0.0
            for engine in engines:
                engine.take_memory()
        except (RuntimeError, httpx.HTTPError):
            for log in ("actions.log", "stock.log", "own.log"):
                print(f"--- {log}\n{(folder / log).read_text()[-2000:]}", file=sys.stderr)
            raise
    return engines


def main() -> int:
    """Runs the benchmark; the exit code."""
    parser = argparse.ArgumentParser(description="stock rasa run and our engine side by side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--conversations", type=int, default=24, help="per round and engine")
    options = parser.parse_args()
    model = trained_model()
    with scratch("bench-engine") as folder, embedded(folder) as cluster:
        database = cluster.url(cluster.create())
        engines = asyncio.run(
            measure(model, database, options.rounds, options.conversations, folder)
        )
    results = {engine.name: engine.figures() for engine in engines}
    table = Table("", "messages/s", "p50 ms", "p95 ms", "ready s", "MB")
    for name, figures in results.items():
        table.add_row(name, *(f"{figure:.1f}" for figure in figures.values()))
    Console(width=90).print(table)
    stock, own = (results[engine.name]["messages_per_second"] for engine in engines)
    met = own / stock >= REQUIRED_RATIO
    summary = {"what": "engine", "ratio": own / stock, "required": REQUIRED_RATIO, "met": met}
    print(json.dumps({**summary, **results}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
