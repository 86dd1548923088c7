"""Settings: `YINGSHENG_*` variables, read once, from the environment or a `.env` file."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


def default_data_dir() -> Path:
    """Where data lives when nothing is said.

    Root runs the embedded database as another system user, who must be able to reach its folder:
    `/var/lib` is made for that, a home folder is not.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/yingsheng")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "yingsheng"


class Settings(BaseSettings):
    """All that a deployment may set. The `.env.example` file lists each with its meaning."""

    model_config = SettingsConfigDict(
        env_prefix="YINGSHENG_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    database_url: str | None = None
    data_dir: Path = Field(default_factory=default_data_dir)
    city: str = "demo"
    model: Path | None = None

    host: str = "0.0.0.0"  # noqa: S104 - the public port; everything else binds to loopback
    port: int = 8000
    public_url: str = ""

    engine_port: int = 5005
    engine_urls: list[str] = Field(default_factory=list)
    engine_token: SecretStr | None = None
    actions_port: int = 5055
    web_jobs: int = Field(default=16, ge=0)
    turn_timeout: float = 30.0

    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_api_url: str = "https://api.weixin.qq.com"
    wechat_reply_seconds: float = Field(default=4.5, gt=0, lt=5)

    telegram_token: SecretStr = SecretStr("")
    telegram_secret: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["off", "webhook", "polling"] = "off"

    backend: Literal["embedded", "open311", "rest"] = "embedded"
    backend_url: str = ""
    backend_keys: list[SecretStr] = Field(default_factory=list)
    backend_trusted: bool = False
    backend_jurisdiction: str = ""
    backend_updated_after: bool = False
    backend_poll_seconds: float = Field(default=60.0, gt=0)

    jurisdiction: str = ""

    @field_validator("database_url")
    @classmethod
    def _names_postgresql(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("must be like postgresql://user:password@host:5432/database")
        return value

    @property
    def city_dir(self) -> Path:
        """The folder of the city's data."""
        return ROOT / "cities" / self.city

    @property
    def model_dir(self) -> Path:
        """Where trained models are kept."""
        return self.data_dir / "models"

    @property
    def media_dir(self) -> Path:
        """Where pictures and recordings of residents are kept."""
        return self.data_dir / "media"

    @property
    def engines(self) -> list[str]:
        """Base URLs of the engines; one on loopback unless named."""
        return [u.rstrip("/") for u in self.engine_urls] or [f"http://127.0.0.1:{self.engine_port}"]

    def token(self) -> str:
        """The secret that the engine and the action endpoint share.

        Taken from the settings; otherwise generated once and kept, readable by its owner only, so
        that processes started one by one agree on it. Raises ValueError when that file is empty.
        """
        if self.engine_token is not None:
            return self.engine_token.get_secret_value()
        path = self.data_dir / "engine.token"
        if not self.data_dir.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            # Root's database runs as another user, who must get through whatever root's umask is.
            self.data_dir.chmod(0o711)
        if not path.exists():
            # Linked only when written out: no process ever reads half a token, nor an empty one.
            with NamedTemporaryFile("w", dir=self.data_dir, encoding="ascii") as file:  # mode 0600
                file.write(secrets.token_urlsafe(32))
                file.flush()
                with suppress(FileExistsError):
                    os.link(file.name, path)
        token = path.read_text(encoding="ascii")
        if not token:
            raise ValueError(f"{path} is empty: remove it, and a new one is made")
        return token
