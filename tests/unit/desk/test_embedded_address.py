"""Where the embedded database may live."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from desk.database.embedded import EmbeddedDatabase, EmbeddedDatabaseError


def test_a_folder_too_deep_for_a_socket_is_refused_with_what_to_set(tmp_path: Path) -> None:
    deep = tmp_path / ("很深的文件夹" * 6)
    with pytest.raises(EmbeddedDatabaseError, match="YINGSHENG_DATA_DIR"):
        EmbeddedDatabase(deep).prepare()
    assert not deep.exists()


def test_a_folder_that_cannot_be_made_is_refused_with_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedDatabaseError, match="YINGSHENG_DATA_DIR"):
        EmbeddedDatabase(tmp_path / "file" / "data").prepare()


@pytest.mark.parametrize("name", ["data", "my data", "数据", "a%20b", "a&b=c"])
def test_both_libraries_read_the_same_address(name: str) -> None:
    database = EmbeddedDatabase(Path("/srv") / name)
    assert conninfo_to_dict(database.url)["host"] == str(database.cluster)
    assert make_url(database.url).query["host"] == str(database.cluster)
