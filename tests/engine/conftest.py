"""Fixtures of the engine's tests. They run in the engine's Python: see `pytest.ini` beside this file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import settings

from bot.train import make_rasa_light
from tests.engine.small_project import copy_project, train_in

# As every entry point of the engine does, before anything imports rasa.
make_rasa_light()

# A machine that does something else meanwhile is no fault of the code.
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with few examples, to train and to change."""
    folder = tmp_path_factory.mktemp("project")
    copy_project(folder)
    return folder


@pytest.fixture(scope="session")
def small_model(small_project: Path) -> Path:
    """The archive trained on the small project, once a session."""
    done = train_in(small_project)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def other_model(small_project: Path, small_model: Path) -> Path:
    """An archive of another city, trained on a few labelled lines alone."""
    city = small_project / "cities" / "other"
    city.mkdir()
    (city / "places.yml").write_text(
        "places:\n- {name: 锦绣云天, kind: estate}\n", encoding="utf-8"
    )
    extra = small_project / "extra.jsonl"
    lines = [
        {"text": f"{what}{end}", "type": kind, "topic": topic}
        for kind, topic, what in (("报事", "0306", "路灯坏了"), ("咨询", "0801", "公积金怎么取"))
        for end in ("", "啊", "呢", "，谢谢", "，急", "，请回复")
    ]
    extra.write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    done = train_in(small_project, "--city", "other", "--extra", str(extra), "--only")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())
