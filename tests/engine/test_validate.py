"""What `make check` finds wrong with examples before anyone trains on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.validate import ROOT, danger_faults, find_faults


def faults(folder: Path, *blocks: tuple[str, str, list[str]]) -> list[str]:
    """The faults of one file with blocks of intent, topic and examples, but for classes too small."""
    lines = ['version: "3.1"', "nlu:"]
    for intent, topic, examples in blocks:
        lines += [f"- intent: {intent}", "  metadata:", f'    topic: "{topic}"', "  examples: |"]
        lines += [f"    - {example}" for example in examples]
    (folder / "examples.yml").write_text("\n".join(lines), encoding="utf-8")
    found = find_faults(folder, ROOT / "domain.yml", {"0305", "0306"})
    return [fault for fault in found if "are needed" not in fault]


def test_sound_examples_have_no_fault(tmp_path: Path) -> None:
    block = ("incident", "0305", ["[幸福里3号楼](place)路灯坏了", "井盖不见了"])
    assert faults(tmp_path, block) == []


@pytest.mark.parametrize(
    ("blocks", "named"),
    [
        ([("incidant", "0305", ["路灯坏了"])], "not an intent"),
        ([("incident", "9999", ["路灯坏了"])], "topic 9999"),
        ([("incident", "0305", ["[人民路](plaze)路灯坏了"])], "not an entity"),
        ([("incident", "0305", ["[人民路，](place)路灯坏了"])], "outside of the name"),
        ([("incident", "0305", ["人民路1[2号楼](place)路灯坏了"])], "inside a number"),
        ([("incident", "0305", ["[人民路12](place)3号路灯坏了"])], "inside a number"),
        (
            [("incident", "0305", ["路灯坏了"]), ("complaint", "0306", ["路灯坏了"])],
            "also an example of incident",
        ),
        ([("incident", "0305", ["路灯坏了", "路灯坏了"])], "also an example of incident"),
        (
            [("incident", "0305", [f"我家楼下的路灯坏了整整{n}天也没有人来修过" for n in "三四"])],
            "nearly the same",
        ),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, blocks: list[tuple[str, str, list[str]]], named: str
) -> None:
    [fault] = faults(tmp_path, *blocks)
    assert named in fault


def test_a_class_too_small_is_named(tmp_path: Path) -> None:
    faults(tmp_path, ("incident", "0305", ["路灯坏了"]))
    found = find_faults(tmp_path, ROOT / "domain.yml", {"0305"})
    assert any("incident: 1 examples, 60 are needed" in fault for fault in found)


def test_what_is_no_file_of_examples_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("nlu: [", encoding="utf-8")
    assert any("broken.yml" in fault for fault in find_faults(tmp_path, ROOT / "domain.yml", set()))


def test_sentences_about_danger_are_checked(tmp_path: Path) -> None:
    (tmp_path / "fire.txt").write_text("厨房烧起来了\n", encoding="utf-8")
    (tmp_path / "none.txt").write_text("火锅店太吵\n", encoding="utf-8")
    assert list(danger_faults(tmp_path, {"fire"})) == []
    (tmp_path / "flood.txt").write_text("水漫进屋\n火锅店太吵\n", encoding="utf-8")
    unknown, twice = danger_faults(tmp_path, {"fire"})
    assert "flood.txt: the city has no such danger" in unknown
    assert "none: also a sentence of flood: 火锅店太吵" in twice
