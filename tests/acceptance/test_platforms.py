"""The started system with a city's platform behind it: a resident notices nothing of its faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.harness.http import HTTP
from tests.harness.patience import wait_for
from tests.harness.places import scratch
from tests.harness.residents import LAMP, open_ticket
from tests.harness.system import System, WebResident, system
from tests.standins.open311 import API_KEY, Open311Control, open311_backend
from tests.standins.rest_backend import KEY, RestControl, rest_backend


@pytest.fixture(scope="module")
def rest() -> Iterator[RestControl]:
    with rest_backend() as control:
        yield control


@pytest.fixture(scope="module")
def with_rest(model: Path, rest: RestControl) -> Iterator[System]:
    settings = {
        "YINGSHENG_BACKEND": "rest",
        "YINGSHENG_BACKEND_URL": rest.url,
        "YINGSHENG_BACKEND_KEYS": json.dumps([KEY]),
    }
    with scratch("rest") as folder, system(folder, model, settings) as started:
        yield started


@pytest.fixture
def resident(with_rest: System, rest: RestControl) -> WebResident:
    rest.mend()
    return WebResident(with_rest)


def state_of(desk: System, number: str) -> str:
    [row] = desk.query("SELECT state FROM ticket WHERE number = %s", number)
    return row["state"]


def given(rest: RestControl, number: str) -> list[dict[str, Any]]:
    return [one for one in rest.tickets() if one["number"] == number]


def event(number: str, action: str, sequence: int, note: str = "") -> dict[str, Any]:
    return {
        "event_id": f"{number}-{sequence}",
        "number": number,
        "action": action,
        "note": note,
        "sequence": sequence,
        "at": datetime.now(UTC).isoformat(),
    }


def heard(resident: WebResident) -> str:
    resident.read()
    return "\n".join(m["text"] for m in resident.history)


def test_a_matter_goes_to_the_platform_and_its_answer_comes_back_to_the_chat(
    with_rest: System, rest: RestControl, resident: WebResident
) -> None:
    number = open_ticket(resident)
    wait_for(lambda: len(given(rest, number)) == 1, 10, "the platform has it")
    url = f"{with_rest.url}/callbacks/rest"
    for sequence, action, note in ((1, "acknowledge", ""), (3, "resolve", "灯已修好")):
        assert RestControl.call(url, event(number, action, sequence, note)).status_code == 202
    wait_for(lambda: "灯已修好" in heard(resident), 10, "the resident hears it")
    # Late and repeated, it changes nothing.
    RestControl.call(url, event(number, "report", 2, "在路上"))
    RestControl.call(url, event(number, "resolve", 3, "灯已修好"))
    wait_for(
        lambda: with_rest.query("SELECT 1 FROM backend_update WHERE outcome = 'received'") == [],
        10,
        "all of it is looked at",
    )
    assert heard(resident).count("灯已修好") == 1
    assert "在路上" not in heard(resident)
    assert state_of(with_rest, number) == "resolved"


def test_while_the_platform_is_away_the_resident_has_a_number_and_nothing_is_lost(
    with_rest: System, rest: RestControl, resident: WebResident
) -> None:
    rest.fault("create", status=503)
    number = open_ticket(resident)
    wait_for(
        lambda: "没送到" in with_rest.cli("backend", "failed").stdout.replace("\n", ""),
        10,
        "staff see what was not sent",
    )
    assert with_rest.cli("backend", "retry", "YS000000000000").returncode == 2
    rest.mend()
    assert with_rest.cli("backend", "retry", number).returncode == 0
    wait_for(lambda: len(given(rest, number)) == 1, 15, "the platform has it")
    [one] = given(rest, number)
    wait_for(lambda: one["id"] in with_rest.cli("backend", "show", number).stdout, 10, "its number")


def test_killed_while_the_platform_thinks_it_makes_one_ticket(
    with_rest: System, rest: RestControl, resident: WebResident
) -> None:
    rest.fault("create", 1, after=True, delay=3)
    number = open_ticket(resident)
    wait_for(lambda: len(given(rest, number)) == 1, 10, "the platform has taken it")
    with_rest.kill("worker")
    with_rest.change(
        "UPDATE sending SET due_at = now() WHERE ticket_id = "
        "(SELECT id FROM ticket WHERE number = %s)",
        number,
    )
    wait_for(lambda: state_of(with_rest, number) == "assigned", 40, "it is known to be there")
    assert len(given(rest, number)) == 1


def test_what_the_resident_adds_and_urges_reaches_the_platform(
    with_rest: System, rest: RestControl, resident: WebResident
) -> None:
    number = open_ticket(resident)
    wait_for(lambda: len(given(rest, number)) == 1, 10, "the platform has it")
    [one] = given(rest, number)
    resident.say("催一下我的诉求")
    wait_for(lambda: [step["action"] for step in rest.steps(one["id"])] == ["urge"], 15, "it hears")


@pytest.fixture(scope="module")
def open311() -> Iterator[Open311Control]:
    with open311_backend() as control:
        yield control


@pytest.fixture(scope="module")
def with_open311(model: Path, open311: Open311Control) -> Iterator[System]:
    settings = {
        "YINGSHENG_BACKEND": "open311",
        "YINGSHENG_BACKEND_URL": open311.url,
        "YINGSHENG_BACKEND_KEYS": json.dumps([API_KEY]),
        "YINGSHENG_BACKEND_POLL_SECONDS": "0.5",
    }
    with scratch("open311") as folder, system(folder, model, settings) as started:
        yield started


def test_an_open311_platform_gets_it_once_and_is_asked_for_news(
    with_open311: System, open311: Open311Control
) -> None:
    open311.fault("create", 1, after=True, status=504)
    resident = WebResident(with_open311)
    number = open_ticket(resident)
    wait_for(lambda: len(open311.requests()) == 1, 10, "the platform has it")
    with_open311.cli("backend", "retry", number)
    wait_for(lambda: state_of(with_open311, number) == "assigned", 15, "its number is found")
    [item] = open311.requests()
    assert number in item["description"]
    open311.change(item["service_request_id"], status="closed", status_notes="灯换好了")
    wait_for(lambda: "灯换好了" in heard(resident), 15, "the resident hears it")
    assert len(open311.requests()) == 1


def test_our_own_server_takes_and_shows_requests(with_open311: System) -> None:
    added = with_open311.cli("open311-key", "add", "市民App")
    key = added.stdout.strip()
    assert len(key) > 30, added.stderr
    assert with_open311.cli("open311-key", "add", "市民App").returncode == 1
    assert "市民App" in with_open311.cli("open311-key", "list").stdout
    url = f"{with_open311.url}/open311/v2"
    form = {
        "api_key": key,
        "service_code": "0306",
        "attribute[type]": "incident",
        "address_string": "永安路12号",
        "description": "路灯不亮",
    }
    posted = HTTP.post(f"{url}/requests.json", data=form)
    assert posted.status_code == 201, posted.text
    number = posted.json()[0]["service_request_id"]
    shown = HTTP.get(f"{url}/requests/{number}.json").json()[0]
    assert shown["address"] == "永安路"
    assert with_open311.cli("open311-key", "revoke", "市民App").returncode == 0
    assert HTTP.post(f"{url}/requests.json", data=form).status_code == 403
    for path in ("discovery", "services", "services/0306", "requests"):
        for fmt in ("json", "xml"):
            assert HTTP.get(f"{url}/{path}.{fmt}").status_code == 200


def test_a_chat_ticket_is_public_without_its_words(with_open311: System) -> None:
    resident = WebResident(with_open311)
    number = open_ticket(resident)
    shown = HTTP.get(f"{with_open311.url}/open311/v2/requests/{number}.xml")
    assert shown.status_code == 200
    assert "<status>open</status>" in shown.text
    assert LAMP not in shown.text
