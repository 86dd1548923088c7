"""A resident's words become a ticket, and its progress comes back to the same chat."""

import re

from tests.harness.system import WebResident


def test_the_street_lamp_of_the_readme(resident: WebResident) -> None:
    [greeting] = resident.answer()
    assert "机器人" in greeting

    asked = "\n".join(resident.say("幸福里3号楼楼下的路灯坏了三天没人修"))
    assert "电话" in asked, "place and matter are known: only the phone is missing"

    summary = "\n".join(resident.say("跳过"))
    assert "幸福里3号楼" in summary
    assert "路灯坏了三天没人修" in summary

    receipt = "\n".join(resident.say("确认提交"))
    found = re.search(r"YS\d{12}", receipt)
    assert found, receipt

    resident.read()
    done = resident.system.cli("ticket", found[0], "assign", "--note", "请尽快修复")
    assert done.returncode == 0, done.stderr
    [update] = resident.answer()
    assert found[0] in update
    assert "派" in update
