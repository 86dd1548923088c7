"""Our Open311 server (GeoReport v2): what others may see of requests, and how they search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from desk.city import City
from desk.tickets.open311.keys import add_key
from tests.harness.letters import rows
from tests.integration.open311.conftest import Client, chat_ticket


async def test_confidential_tickets_never_appear(client: Client, city: City) -> None:
    hidden = [
        await chat_ticket(client, city, "举报有人倒垃圾", type="violation"),
        await chat_ticket(client, city, "匿名", anonymous=True, user="r-2"),
        await client.number(**{"attribute[type]": "violation"}),
    ]
    seen = await chat_ticket(client, city, "路灯坏了", user="r-3")
    assert [one["service_request_id"] for one in await client.json("requests")] == [seen]
    assert await client.json("requests", service_request_id=",".join(hidden)) == []
    for number in hidden:
        assert (await client.get(f"requests/{number}.json")).status_code == 404
        assert (await client.get(f"tokens/{number}.xml")).status_code == 404


PERSONAL = "我是张三13800138000住幸福里小区3号楼2单元301室"


async def test_of_a_chat_only_the_sort_the_rough_place_and_the_state_are_shown(
    client: Client, city: City
) -> None:
    await chat_ticket(
        client,
        city,
        PERSONAL,
        place="澜东区永安街道幸福里小区3号楼永安路12号",
        latitude=29.777777,
        longitude=123.425555,
        datum="wgs84",
        phone="13800138000",
    )
    [shown] = await client.json("requests")
    assert shown["description"] is None
    assert shown["address"] == "澜东区永安街道永安路"
    assert (shown["lat"], shown["long"]) == (29.778, 123.426)
    assert shown["status_notes"] == "受理"
    for fmt in ("json", "xml"):
        body = (await client.get(f"requests.{fmt}", extensions="true")).text
        for secret in ("张三", "13800138000", "301", "幸福里", "3号楼", "resident"):
            assert secret not in body


async def test_where_someone_needs_help_is_not_shown(client: Client, city: City) -> None:
    await chat_ticket(
        client, city, "家里没暖气", type="help", place="永安路", latitude=29.7, longitude=123.4
    )
    [shown] = await client.json("requests")
    assert (shown["address"], shown["lat"]) == (None, None)


async def test_words_are_shown_when_the_application_publishes_and_then_without_numbers(
    client: Client,
) -> None:
    kept = await client.number(description="路灯不亮")
    async with client.db.transaction() as session:
        client.key = await add_key(session, "公开的App", publishes=True)
    published = await client.number(description=f"路灯不亮，{PERSONAL}")
    shown = {one["service_request_id"]: one for one in await client.json("requests")}
    assert shown[kept]["description"] is None
    words = shown[published]["description"]
    assert "路灯不亮" in words
    assert "138" not in words
    assert "301" not in words


async def test_each_filter(client: Client, city: City) -> None:
    lamp = await client.number()
    road = await client.number(service_code="0305")
    await rows(
        client.db,
        "UPDATE ticket SET state = 'resolved', created_at = created_at - interval '10 days', "
        "updated_at = updated_at - interval '5 days' WHERE number = :number",
        number=road,
    )
    now = datetime.now(UTC)

    def ago(days: float) -> str:
        return (now - timedelta(days=days)).isoformat()

    async def found(**params: str) -> set[str]:
        return {one["service_request_id"] for one in await client.json("requests", **params)}

    assert await found() == {lamp, road}
    assert await found(status="closed") == {road}
    assert await found(status="open") == {lamp}
    assert await found(status="open,closed") == {lamp, road}
    assert await found(service_code="0305") == {road}
    assert await found(service_code="0305,0306") == {lamp, road}
    assert await found(start_date=ago(11), end_date=ago(9)) == {road}
    assert await found(end_date=ago(9)) == {road}
    assert await found(start_date=ago(1)) == {lamp}
    assert await found(updated_after=ago(6), updated_before=ago(4)) == {road}
    assert await found(updated_after=ago(4)) == {lamp}
    # The numbers override everything else, and an unknown one is left out.
    assert await found(service_request_id=f"{road},YS1", status="open", end_date=ago(80)) == {road}
    assert await found(status="", service_code="", start_date="") == {lamp, road}


async def test_only_the_last_ninety_days_unless_asked(client: Client) -> None:
    number = await client.number()
    await rows(client.db, "UPDATE ticket SET created_at = now() - interval '100 days'")
    assert await client.json("requests") == []
    start = (datetime.now(UTC) - timedelta(days=101)).isoformat().replace("+00:00", "Z")
    [shown] = await client.json("requests", start_date=start)
    assert shown["service_request_id"] == number


@pytest.mark.parametrize(
    "query",
    [
        "start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z",
        "start_date=yesterday",
        "start_date=2026-01-01T00:00:00",
        "status=half",
        "page=0",
        "page=x",
        "page_size=1001",
        "page_size=-1",
        "updated_after=9999-99-99",
    ],
)
async def test_a_question_that_makes_no_sense_is_400(client: Client, query: str) -> None:
    answer = await client.get(f"requests.json?{query}")
    assert answer.status_code == 400
    assert set(await client.codes(answer)) == {400}


async def test_a_plus_that_was_not_escaped_and_a_day_alone_are_understood(client: Client) -> None:
    await client.number()
    for query in ("start_date=2026-11-01T00:00:00+08:00", "start_date=2026-11-01"):
        assert (await client.get(f"requests.json?{query}")).status_code == 200


async def test_pages_of_the_newest_first(client: Client) -> None:
    numbers = [await client.number() for _ in range(5)]
    pages = [
        [one["service_request_id"] for one in await client.json("requests", page=n, page_size="2")]
        for n in ("1", "2", "3", "4")
    ]
    assert pages == [numbers[4:2:-1], numbers[2:0:-1], numbers[:1], []]


async def test_more_is_told_to_who_asks_for_extensions(client: Client) -> None:
    number = await client.number()
    assert "extended_attributes" not in (await client.json(f"requests/{number}"))[0]
    [shown] = await client.json(f"requests/{number}", extensions="true")
    assert shown["extended_attributes"] == {"state": "accepted", "type": "incident"}
    xml = (await client.get("requests.xml", extensions="true")).content
    root = ET.fromstring(xml)  # noqa: S314 - our own
    assert root.findtext("request/extended_attributes/state") == "accepted"


async def test_what_xml_cannot_carry_does_not_break_it(client: Client, city: City) -> None:
    async with client.db.transaction() as session:
        client.key = await add_key(session, "公开的App", publishes=True)
    await client.number()
    await rows(client.db, "UPDATE ticket SET description = E'<b>&\\x01 ]]>\\uFFFF'")
    root = ET.fromstring((await client.get("requests.xml")).content)  # noqa: S314 - our own
    assert root.findtext("request/description") == "<b>& ]]>"
