"""Our Open311 server (GeoReport v2): discovery, services, and the keys of applications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from desk.city import City
from desk.tickets.open311.keys import add_key, revoke_key
from tests.harness.letters import rows
from tests.integration.open311.conftest import LAMP, Client


async def test_discovery_says_who_we_are_in_both_formats(client: Client) -> None:
    told = await client.json("discovery")
    assert told["contact"]
    assert told["key_service"]
    assert datetime.fromisoformat(told["changeset"]).tzinfo is not None
    [endpoint] = told["endpoints"]
    assert endpoint["url"] == "https://12345.example.gov.cn/open311/v2"
    assert datetime.fromisoformat(endpoint["changeset"]) < datetime.now(UTC) + timedelta(days=1)
    assert endpoint["type"] == "production"
    assert "text/xml" in endpoint["formats"]
    root = ET.fromstring((await client.get("discovery.xml")).content)  # noqa: S314 - our own
    assert root.tag == "discovery"
    assert [f.text for f in root.findall("endpoints/endpoint/formats/format")] == endpoint[
        "formats"
    ]


async def test_the_services_are_the_citys_categories(client: Client, city: City) -> None:
    told = await client.json("services")
    assert [one["service_code"] for one in told] == list(city.categories)
    lamp = next(one for one in told if one["service_code"] == "0306")
    assert lamp["service_name"] == city.topic_name("0306")
    assert lamp["group"] == city.topic_name("03")
    assert lamp["metadata"] is True
    assert lamp["type"] == "realtime"
    xml = await client.get("services.xml")
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    assert xml.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    root = ET.fromstring(xml.content)  # noqa: S314 - our own
    assert len(root.findall("service")) == len(told)
    assert root.findtext("service/metadata") == "true"


async def test_a_definition_has_its_questions_in_order(client: Client) -> None:
    told = await client.json("services/0306")
    assert told["service_code"] == "0306"
    assert [one["order"] for one in told["attributes"]] == [1, 2, 3]
    kind, happened, _ = told["attributes"]
    assert (kind["datatype"], kind["required"], kind["variable"]) == ("singlevaluelist", True, True)
    assert {"key": "incident", "name": "报事"} in kind["values"]
    assert (happened["datatype"], happened["required"]) == ("datetime", False)
    root = ET.fromstring((await client.get("services/0306.xml")).content)  # noqa: S314 - our own
    assert root.findtext("attributes/attribute/values/value/key") == "consultation"


@pytest.mark.parametrize(
    "path",
    [
        "services/9x.json",
        "requests/YS261125000017.json",
        "tokens/none.json",
        "services.json?jurisdiction_id=elsewhere",
        "requests.json?jurisdiction_id=elsewhere",
        "requests.json?service_code=0000",
        "nothing.json",
    ],
)
async def test_what_is_unknown_is_404(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert await client.codes(answer) == [404]


@pytest.mark.parametrize("path", ["services.yaml", "requests.html", "services", "discovery."])
async def test_another_format_is_404_in_xml(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert (root.tag, root.findtext("error/code")) == ("errors", "404")


async def test_the_jurisdiction_may_be_left_out_or_empty_or_ours(client: Client) -> None:
    for given in ({}, {"jurisdiction_id": ""}, {"jurisdiction_id": "demo"}):
        assert await client.json("services", **given)


async def test_a_key_is_kept_as_a_hash_and_can_be_revoked(client: Client) -> None:
    [row] = await rows(client.db, "SELECT key_hash FROM open311_key")
    assert client.key not in row["key_hash"]
    async with client.db.transaction() as session:
        await revoke_key(session, "市民App")
    assert (await client.post(LAMP)).status_code == 403


async def test_a_client_has_so_many_requests_a_minute(client: Client) -> None:
    async with client.db.transaction() as session:
        client.key = await add_key(session, "试用", per_minute=2)
    # A minute may begin meanwhile.
    answers = [(await client.post(LAMP)).status_code for _ in range(6)]
    assert 429 in answers
    assert answers[:2] == [201, 201]
    await rows(client.db, "UPDATE open311_key SET minute = minute - 1")
    assert (await client.post(LAMP)).status_code == 201
