"""Reading what the engine posts."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.understanding import Understanding
from desk.tickets import ticket_number

NUMBER = ticket_number(date(2026, 11, 25), 1)


def latest(text: str, intent: str = "inform", **more: Any) -> dict[str, Any]:
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 0.8},
        "entities": [],
        "metadata": {"message_id": "7", "kind": "text", "at": "2026-03-02T04:00:00+00:00"},
        **more,
    }


def read(text: str, intent: str = "inform", **more: Any) -> Understanding:
    return Understanding.from_tracker("3", latest(text, intent, **more))


def entity(kind: str, value: str) -> dict[str, Any]:
    return {"entity": kind, "value": value, "start": 0, "end": len(value)}


def test_all_that_is_told() -> None:
    found = read(
        "人民路21号路灯坏了，电话13800138000",
        "incident",
        topic={"code": "0305", "confidence": 0.8},
        entities=[
            entity("place", "人民路21号"),
            entity("place", "人民路21号"),
            entity("phone", "13800138000"),
        ],
    )
    assert (found.conversation_id, found.message_id) == (3, 7)
    assert found.topic == "0305"
    assert found.places == ["人民路21号"]
    assert found.phones == ["13800138000"]
    assert found.is_request


def test_a_topic_that_is_only_guessed_is_none() -> None:
    assert read("路灯", topic={"code": "0305", "confidence": 0.1}).topic == ""
    assert read("路灯", topic={"code": "", "confidence": 0.0}).topic == ""


def test_a_phone_is_as_a_ticket_keeps_it() -> None:
    entities = [
        entity("phone", "138 0013 8000"),
        entity("phone", "(0999) 765-4321"),
        entity("phone", "12"),
    ]
    assert read("打电话", entities=entities).phones == ["13800138000", "0999765-4321"]


def test_ticket_numbers_without_their_letters() -> None:
    digits = NUMBER.removeprefix("YS")
    assert read(f"查一下{digits}").numbers == [digits]
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert read(f"查一下{wrong}").numbers == [], "a check digit that does not fit"
    assert read(NUMBER, entities=[entity("ticket_number", NUMBER)]).numbers == [NUMBER]


def test_several_matters() -> None:
    part = {"text": "路灯坏了", "intent": {"name": "incident"}, "entities": []}
    found = read("路灯坏了，另外…", "incident", matters=[part, part])
    assert [matter.text for matter in found.matters] == ["路灯坏了", "路灯坏了"]
    assert {matter.message_id for matter in found.matters} == {7}


def test_what_an_unclear_message_likely_asks_for() -> None:
    def ranking(*names: str) -> list[dict[str, Any]]:
        return [{"name": name, "confidence": 0.2} for name in names]

    def guess(intent: str, *names: str) -> str | None:
        return read("路灯坏了", intent, intent_ranking=ranking(*names)).likely_request

    assert guess("nlu_fallback", "nlu_fallback", "complaint") == "complaint"
    assert guess("inform", "inform", "incident") == "incident"
    assert guess("nlu_fallback", "out_of_scope", "complaint") is None
    assert guess("greet", "greet", "complaint") is None
    code = read("'; drop table ticket; --", "nlu_fallback", intent_ranking=ranking("suggestion"))
    assert code.likely_request is None
    weak = [{"name": "complaint", "confidence": 0.02}]
    assert read("路灯坏了", "nlu_fallback", intent_ranking=weak).likely_request is None


def test_nothing_but_a_message_id_is_needed() -> None:
    bare = Understanding.from_tracker("3", {"metadata": {"message_id": "7"}})
    assert (bare.text, bare.intent) == ("", "nlu_fallback")


def test_a_location() -> None:
    metadata = {
        "message_id": "7",
        "kind": "location",
        "location": {"latitude": 31.2, "longitude": 121.4, "label": "望海路", "system": "gcj02"},
    }
    found = read("", "share_location", metadata=metadata)
    assert found.point is not None
    assert found.point.system == "gcj02"
