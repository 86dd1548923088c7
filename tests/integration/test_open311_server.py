"""Our Open311 server, one public behaviour of GeoReport v2 after the other, over HTTP."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from PIL import Image

from desk.api.app import public_app
from desk.api.open311 import Site
from desk.city import City
from desk.conversations.bell import Bell
from desk.database import Database
from desk.tickets import Matter, open_ticket, parse_ticket_number
from desk.tickets.open311.keys import add_key, revoke_key
from tests.harness.letters import put, rows, world_of

LAMP = {
    "service_code": "0306",
    "attribute[type]": "incident",
    "address_string": "永安路12号",
    "description": "路灯不亮",
}


class Client:
    """An application that speaks Open311."""

    def __init__(self, http: httpx.AsyncClient, db: Database, media_dir: Path) -> None:
        self.http = http
        self.db = db
        self.media_dir = media_dir
        self.key = ""

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(f"/open311/v2/{path}", params=params or None)

    async def json(self, path: str, **params: str) -> Any:
        answer = await self.get(f"{path}.json", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self,
        fields: dict[str, str],
        *,
        fmt: str = "json",
        headers: dict[str, str] | None = None,
        files: Any = None,
    ) -> httpx.Response:
        return await self.http.post(
            f"/open311/v2/requests.{fmt}",
            data={"api_key": self.key, **fields},
            headers=headers,
            files=files,
        )

    async def number(self, **fields: str) -> str:
        answer = await self.post({**LAMP, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()[0]["service_request_id"]

    async def codes(self, answer: httpx.Response) -> list[int]:
        assert {error["code"] for error in answer.json()} >= {answer.status_code}
        assert all(error["description"] for error in answer.json())
        return [error["code"] for error in answer.json()]


@pytest.fixture
async def client(db: Database, city: City, tmp_path: Path) -> AsyncIterator[Client]:
    app = public_app(
        world_of(db, city, media_dir=tmp_path),
        Bell(),
        wechat_account=None,
        telegram_account=None,
        reply_seconds=1,
        open311_site=Site("demo", "https://12345.example.gov.cn"),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        one = Client(http, db, tmp_path)
        async with db.transaction() as session:
            one.key = await add_key(session, "市民App", per_minute=1000)
        yield one


async def chat_ticket(client: Client, city: City, words: str, **more: Any) -> str:
    source = await put(client.db, words, user=more.pop("user", "resident-1"))
    parts: dict[str, Any] = {"type": "incident", "topic": "030604", "description": words, **more}
    ticket = await open_ticket(
        client.db,
        city,
        Matter(messages=[source.message_id], **parts),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )
    return ticket.number


# Discovery and services.


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


# Posting.


async def test_a_request_is_a_ticket_at_once_and_can_be_retrieved(client: Client) -> None:
    answer = await client.post({**LAMP, "lat": "29.7825", "long": "123.4117"})
    assert answer.status_code == 201
    [told] = answer.json()
    number = told["service_request_id"]
    assert parse_ticket_number(number) == number
    assert "token" not in told
    assert told["service_notice"]
    [by_id] = await client.json(f"requests/{number}")
    assert (by_id["status"], by_id["service_code"]) == ("open", "0306")
    assert datetime.fromisoformat(by_id["requested_datetime"]).tzinfo is not None
    [by_token] = await client.json(f"tokens/{number}")
    assert by_token == {"service_request_id": number, "token": number}
    [row] = await rows(client.db, "SELECT * FROM ticket")
    assert (row["origin"], row["type"], row["resident_id"]) == ("open311", "incident", None)
    assert (row["description"], row["place"]) == ("路灯不亮", "永安路12号")
    assert (row["latitude"], row["longitude"], row["datum"]) == (29.7825, 123.4117, "wgs84")


async def test_the_answer_to_a_post_in_xml(client: Client) -> None:
    answer = await client.post(LAMP, fmt="xml")
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert root.tag == "service_requests"
    assert parse_ticket_number(root.findtext("request/service_request_id") or "")


WRONG: list[tuple[dict[str, str], int]] = [
    ({"service_code": ""}, 400),
    ({"service_code": "0000"}, 404),
    ({"attribute[type]": ""}, 400),
    ({"attribute[type]": "party"}, 400),
    ({"attribute[happened_at]": "yesterday"}, 400),
    ({"attribute[happened_at]": "2026-11-25T08:00:00"}, 400),
    ({"address_string": ""}, 400),
    ({"lat": "29.78"}, 400),
    ({"long": "123.41"}, 400),
    ({"lat": "nan", "long": "123.41"}, 400),
    ({"lat": "91", "long": "123.41"}, 400),
    ({"address_id": "no/where"}, 400),
    ({"description": "字" * 4001}, 400),
    ({"phone": "call me"}, 400),
    ({"media_url": "javascript:alert(1)"}, 400),
    ({"jurisdiction_id": "elsewhere"}, 404),
    ({"api_key": "wrong"}, 403),
    ({"api_key": ""}, 403),
]


@pytest.mark.parametrize(("change", "code"), WRONG, ids=[str(one)[:60] for one, _ in WRONG])
async def test_what_is_wrong_is_said_and_leaves_no_ticket(
    client: Client, change: dict[str, str], code: int
) -> None:
    answer = await client.post({**LAMP, **change})
    assert answer.status_code == code
    await client.codes(answer)
    assert await rows(client.db, "SELECT 1 FROM ticket") == []


async def test_all_that_is_wrong_is_said_at_once(client: Client) -> None:
    answer = await client.post({"service_code": "0306", "phone": "x"})
    assert len(await client.codes(answer)) == 3


@pytest.mark.parametrize(
    "location",
    [
        {"lat": "29.78", "long": "123.41", "address_string": ""},
        {"address_string": "永安路12号"},
        {"address_string": "", "address_id": "永安街道/幸福里社区"},
    ],
)
async def test_any_of_the_three_locations_does(client: Client, location: dict[str, str]) -> None:
    assert await client.number(**location)


async def test_a_full_description_with_line_breaks_and_odd_characters_is_kept(
    client: Client,
) -> None:
    await client.number(description="一\r\n二\0\x07😀" + "字" * 3990)
    [row] = await rows(client.db, "SELECT description FROM ticket")
    assert row["description"].startswith("一\n二  😀字")


async def test_sent_again_with_the_same_key_it_is_the_same_request(client: Client) -> None:
    headers = {"Idempotency-Key": "5f0c"}
    answers = [await client.post(LAMP, headers=headers) for _ in range(3)]
    assert len({answer.json()[0]["service_request_id"] for answer in answers}) == 1
    assert len(await rows(client.db, "SELECT 1 FROM ticket")) == 1
    assert await client.number() != answers[0].json()[0]["service_request_id"]


async def test_the_phone_is_for_staff_and_the_rest_of_the_person_is_not_kept(
    client: Client,
) -> None:
    number = await client.number(
        phone="138 0013 8000", first_name="赵六", email="a@example.com", device_id="d-1"
    )
    [row] = await rows(client.db, "SELECT phone FROM ticket")
    assert row["phone"] == "13800138000"
    kept = str(await rows(client.db, "SELECT to_jsonb(r) AS r FROM open311_request r"))
    assert "赵六" not in kept
    assert "example.com" not in kept
    shown = (await client.get(f"requests/{number}.json", extensions="true")).text
    assert "138" not in shown.replace(number, "")


# Keys.


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


# Pictures.


def jpeg(*, located: bool = True) -> bytes:
    picture, out = Image.new("RGB", (64, 48), "gray"), io.BytesIO()
    exif = Image.Exif()
    if located:
        exif.get_ifd(0x8825)[1] = "N"
        exif[0x010E] = "13800138000"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_picture_is_cleaned_and_kept_and_not_published(client: Client) -> None:
    answer = await client.post(LAMP, files={"media": ("lamp.jpg", jpeg(), "image/jpeg")})
    assert answer.status_code == 201
    [row] = await rows(client.db, "SELECT media_path FROM open311_request")
    with Image.open(client.media_dir / row["media_path"]) as kept:
        assert not kept.getexif()
    number = answer.json()[0]["service_request_id"]
    [shown] = await client.json(f"requests/{number}")
    assert shown["media_url"] is None


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<svg/>", "image/svg+xml"),
        (b"MZ\x90", "image/jpeg"),
        (jpeg(), "application/pdf"),
        (b"#!AMR\n", "audio/amr"),
    ],
)
async def test_what_is_no_picture_is_refused(
    client: Client, content: bytes, content_type: str
) -> None:
    answer = await client.post(LAMP, files={"media": ("x", content, content_type)})
    assert answer.status_code == 400
    assert await rows(client.db, "SELECT 1 FROM ticket") == []


# What others may see.


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


# Searching.


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
