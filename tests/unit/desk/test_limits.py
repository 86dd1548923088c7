"""A body that is too large is refused, whatever its size and however it comes."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request

from desk.api.limits import MIB, LimitBody
from tests.standins.server import serve


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    app = FastAPI()
    app.add_middleware(LimitBody)

    @app.post("/{path:path}")
    async def size(request: Request) -> int:
        return len(await request.body())

    with serve(app) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/anything", MIB, 200),
        ("/anything", MIB + 1, 400),
        ("/anything", 10_000_000, 400),
        ("/anything", 40_000_000, 400),
        ("/channels/webchat/media", 8 * MIB, 200),
        ("/channels/webchat/media", 8 * MIB + 1, 400),
    ],
)
def test_what_is_over_the_limit_of_its_route_is_refused(
    url: str, path: str, size: int, status: int
) -> None:
    assert httpx.post(url + path, content=b"a" * size, timeout=20).status_code == status


def test_a_body_of_unknown_length_is_counted_as_it_comes(url: str) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"a" * 65_536

    answer = httpx.post(f"{url}/anything", content=pieces(), timeout=20)
    assert answer.status_code == 400
    assert "太大" in answer.json()["detail"]


def test_a_client_that_writes_all_before_it_reads_gets_the_answer_too(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    connection.request("POST", "/anything", body=b"a" * 10_000_000)
    assert connection.getresponse().status == 400
    connection.close()
