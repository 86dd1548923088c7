"""Imports follow the arrows of ARCHITECTURE.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each room and what it may import besides itself. `desk.processes` and `desk.cli` put everything
# together and may import all; nothing imports them.
ARROWS = {
    "connectors": set(),
    "desk.city": set(),
    "desk.settings": set(),
    "desk.database": {"desk.conversations", "desk.residents", "desk.tickets"},
    "desk.residents": {"desk.database"},
    "desk.knowledge": set(),
    "desk.conversations": {"connectors", "desk.city", "desk.database", "desk.residents"},
    "desk.tickets": {
        "connectors",
        "desk.city",
        "desk.database",
        "desk.residents",
        "desk.conversations",
    },
    "desk.api": {
        "connectors",
        "desk.city",
        "desk.database",
        "desk.residents",
        "desk.conversations",
        "desk.tickets",
        "desk.knowledge",
    },
    "actions": {
        "connectors",
        "desk.city",
        "desk.database",
        "desk.conversations",
        "desk.tickets",
        "desk.knowledge",
    },
    "bot": set(),
}
OURS = ("actions", "bot", "connectors", "desk")


def room_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "desk" else parts[0]


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module)
    return {name for name in found if name.split(".")[0] in OURS}


def sources() -> list[Path]:
    return [
        path
        for top in OURS
        for path in sorted((ROOT / top).rglob("*.py"))
        if ".venv" not in path.parts
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_where_its_arrows_point(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    room = room_of(module)
    if room in ("desk", "desk.processes", "desk.cli"):
        return
    allowed = ARROWS[room]
    if room == "desk.database" and module != "desk.database.schema":
        allowed = set[str]()  # only the gathered schema knows the rooms' tables
    for name in imported(path):
        target = room_of(name)
        assert target == room or target in allowed, f"{module} must not import {name}"


def test_every_room_has_its_arrows() -> None:
    rooms = {room_of(".".join(p.relative_to(ROOT).with_suffix("").parts)) for p in sources()}
    assert rooms - set(ARROWS) <= {"desk.__init__", "desk.processes", "desk.cli", "desk"}
