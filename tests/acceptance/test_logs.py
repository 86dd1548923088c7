"""Whatever residents write, and whatever goes wrong, none of it is in any log."""

from __future__ import annotations

from tests.harness.http import HTTP
from tests.harness.residents import TELEGRAM_SECRET, TelegramResident, WeChatResident
from tests.harness.system import System, WebResident
from tests.standins.telegram import TOKEN as BOT_TOKEN
from tests.standins.telegram import TelegramControl
from tests.standins.wechat import SEND_PATH, WeChatControl
from tests.standins.wechat_platform import AES_KEY, TOKEN
from tests.standins.wechat_rules import SECRET

PHONE = "13800138000"
IDENTITY = "440781199311261128"
ROOM = "301室"
MATTER = f"我叫王小明，身份证{IDENTITY}，幸福里3号楼{ROOM}楼下的路灯坏了三天没人修"


def test_a_full_scenario_leaves_none_of_it_in_the_logs(
    running: System,
    resident: WebResident,
    follower: WeChatResident,
    chatter: TelegramResident,
    wechat: WeChatControl,
    telegram: TelegramControl,
) -> None:
    for who in (resident, follower, chatter):
        who.say(MATTER)
        who.say(PHONE)
        who.say("确认提交")
        who.say("我的诉求")
        who.say("转人工")
    wechat.fault(SEND_PATH, times=1, errcode=-1)
    telegram.fault("sendMessage", 500, times=1)
    for row in running.query("SELECT number FROM ticket WHERE phone = %s", PHONE):
        running.cli("ticket", row["number"], "assign", "--note", f"{ROOM}{PHONE}")
    # And what is not understood, or cannot be stored.
    headers = resident.headers
    url = f"{running.url}/channels/webchat/messages"
    HTTP.post(url, headers=headers, content=f'{{"text": "{MATTER}"'.encode())
    HTTP.get(url, headers=headers, params={"after": PHONE + "000"})
    follower.post(f"<xml><Content>{MATTER}</Content></xml>")
    HTTP.post(
        f"{running.url}/channels/telegram",
        headers={"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET},
        content=MATTER.encode(),
    )

    secrets = {
        "phone": PHONE,
        "identity number": IDENTITY,
        "room": ROOM,
        "name": "王小明",
        "web chat token": resident.token,
        "openid": follower.openid,
        "chat": str(chatter.chat),
        "WeChat secret": SECRET,
        "WeChat token": TOKEN,
        "AES key": AES_KEY,
        "bot token": BOT_TOKEN,
        "webhook secret": TELEGRAM_SECRET,
        "engine token": (running.folder / "engine.token").read_text(),
    }
    logs = [file for file in running.folder.rglob("*.log") if file.is_file()]
    assert {file.name for file in logs} >= {"system.log", "server.log"}
    for file in logs:
        text = file.read_text(encoding="utf-8", errors="replace")
        assert text, file
        for name, secret in secrets.items():
            assert secret not in text, f"the {name} is in {file.name}"


def test_the_log_tells_what_happens_by_its_numbers(running: System) -> None:
    assert "ready: open http" in running.log
    assert "yingsheng.engine" in running.log
