"""What a deployment may set, and the one secret that is made when none is given."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from desk.settings import ROOT, Settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("YINGSHENG_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"YINGSHENG_{name.upper()}", value)
    return Settings()


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    assert settings.port == 8000
    assert settings.city_dir == ROOT / "cities" / "demo"
    assert settings.engines == ["http://127.0.0.1:5005"]
    assert settings.telegram_mode == "off"
    assert settings.database_url is None


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, database_url="", port="", engine_token="", engine_urls="")
    assert settings.database_url is None
    assert settings.port == 8000


def test_the_example_file_is_valid_and_names_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    example = ROOT / ".env.example"
    Settings(_env_file=example)  # type: ignore[call-arg]
    written = example.read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"YINGSHENG_{name.upper()}=" in written, f"{name} is missing in .env.example"


def test_several_engines_are_a_list_without_closing_slashes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = read(monkeypatch, engine_urls='["http://10.0.0.1:5005/", "http://10.0.0.2:5005"]')
    assert settings.engines == ["http://10.0.0.1:5005", "http://10.0.0.2:5005"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"),
        ("telegram_mode", "sometimes"),
        ("wechat_reply_seconds", "5"),
        ("wechat_reply_seconds", "0"),
        ("turn_timeout", "soon"),
        ("database_url", "mysql://root@127.0.0.1/city"),
        ("database_url", "not an address"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read(monkeypatch, **{name: value})
    assert refused.value.errors()[0]["loc"] == (name,)


def test_the_token_is_made_once_and_is_its_owners_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = read(monkeypatch, data_dir=str(tmp_path / "data"))
    token = settings.token()
    assert len(token) >= 40
    assert settings.token() == token
    assert Settings().token() == token
    file = tmp_path / "data" / "engine.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_that_is_set_is_used_and_written_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = read(monkeypatch, data_dir=str(tmp_path / "data"), engine_token="chosen")
    assert settings.token() == "chosen"
    assert not (tmp_path / "data").exists()


def test_processes_that_start_together_agree_on_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = read(monkeypatch, data_dir=str(tmp_path / "data"))
    with ThreadPoolExecutor(8) as pool:
        tokens = {done.result() for done in [pool.submit(settings.token) for _ in range(40)]}
    assert len(tokens) == 1
    assert tokens.pop()
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["engine.token"]


def test_an_empty_token_file_is_an_error_and_no_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "engine.token").touch()
    settings = read(monkeypatch, data_dir=str(tmp_path / "data"))
    with pytest.raises(ValueError, match=r"engine\.token is empty"):
        settings.token()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("wechat_secret", "wechat_token", "wechat_aes_key", "telegram_token", "telegram_secret")
    settings = read(monkeypatch, engine_token="planted", **dict.fromkeys(names, "planted"))
    assert "planted" not in repr(settings)
    assert "planted" not in str(settings)
