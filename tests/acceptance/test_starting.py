"""A system that cannot start says in one line what to do, and ends with exit code 2."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.settings import ROOT
from tests.harness.places import free_port, scratch
from tests.harness.system import System, configured


@pytest.fixture
def unstarted(model: Path) -> Iterator[System]:
    with scratch("unstarted") as folder:
        yield configured(folder, model)


def refusal(system: System, seconds: float = 40) -> str:
    """What a start that is refused says last."""
    process = system.start()
    try:
        code = process.wait(seconds)
    finally:
        process.kill()
    assert code == 2, system.log
    assert "Traceback" not in system.log
    lines = [
        line for line in system.log.splitlines() if line.startswith(("yingsheng: ", "engine: "))
    ]
    assert len(lines) in (1, 2), system.log
    return lines[0]


def test_a_missing_model(unstarted: System) -> None:
    unstarted.settings["YINGSHENG_MODEL"] = str(unstarted.folder / "none.tar.gz")
    assert "YINGSHENG_MODEL" in refusal(unstarted)


def test_no_model_at_all(unstarted: System) -> None:
    del unstarted.settings["YINGSHENG_MODEL"]
    assert "make train" in refusal(unstarted)


def test_a_model_that_is_none(unstarted: System) -> None:
    broken = unstarted.folder / "broken.tar.gz"
    broken.write_bytes(b"not an archive")
    unstarted.settings["YINGSHENG_MODEL"] = str(broken)
    assert "model" in refusal(unstarted, 60)


def test_a_city_that_is_not_there(unstarted: System) -> None:
    unstarted.settings["YINGSHENG_CITY"] = "atlantis"
    assert "atlantis" in refusal(unstarted)


def test_a_city_with_a_broken_file(unstarted: System) -> None:
    broken = ROOT / "cities" / f"broken_{unstarted.folder.name.replace('-', '_')}"
    shutil.copytree(ROOT / "cities" / "demo", broken)
    try:
        (broken / "lifecycle.yml").write_text("initial: nowhere\nstates: {}\n", encoding="utf-8")
        unstarted.settings["YINGSHENG_CITY"] = broken.name
        said = refusal(unstarted)
    finally:
        shutil.rmtree(broken)
    assert "lifecycle.yml" in said


@pytest.mark.parametrize(
    "which", ["YINGSHENG_PORT", "YINGSHENG_ENGINE_PORT", "YINGSHENG_ACTIONS_PORT"]
)
def test_an_occupied_port(unstarted: System, which: str) -> None:
    with socket.create_server(("127.0.0.1", int(unstarted.settings[which]))):
        said = refusal(unstarted)
    assert which in said
    assert unstarted.settings[which] in said


@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody@127.0.0.1:{port}/none", "mysql://root@127.0.0.1/none"],
)
def test_a_missing_database(unstarted: System, url: str) -> None:
    unstarted.settings["YINGSHENG_DATABASE_URL"] = url.format(port=free_port())
    assert "YINGSHENG_DATABASE_URL" in refusal(unstarted)


def test_a_setting_that_is_no_number(unstarted: System) -> None:
    unstarted.settings["YINGSHENG_PORT"] = "eighty"
    assert "YINGSHENG_PORT" in refusal(unstarted)


def test_a_data_folder_that_cannot_be_made(unstarted: System) -> None:
    (unstarted.folder / "file").touch()
    unstarted.settings["YINGSHENG_DATA_DIR"] = str(unstarted.folder / "file" / "data")
    assert "YINGSHENG_DATA_DIR" in refusal(unstarted)


def test_half_an_official_account(unstarted: System) -> None:
    unstarted.settings["YINGSHENG_WECHAT_APPID"] = "wx1"
    assert "YINGSHENG_WECHAT_TOKEN" in refusal(unstarted)


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_part_started_alone_without_its_database(unstarted: System, command: str) -> None:
    unstarted.settings["YINGSHENG_DATABASE_URL"] = f"postgresql://x@127.0.0.1:{free_port()}/none"
    done = unstarted.cli(command)
    assert done.returncode == 2
    assert "YINGSHENG_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_system_on_the_same_folder(fragile: System) -> None:
    second = fragile.cli("run")
    assert second.returncode == 2
    assert "YINGSHENG_DATA_DIR" in second.stderr
    assert fragile.ready()
