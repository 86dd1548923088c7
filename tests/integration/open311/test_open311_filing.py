"""Our Open311 server (GeoReport v2): requests that are posted, and their pictures."""

from __future__ import annotations

import io
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from desk.tickets import parse_ticket_number
from tests.harness.letters import rows
from tests.integration.open311.conftest import LAMP, Client


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
