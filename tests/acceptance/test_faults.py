"""Parts are killed at any moment: nothing is lost, nothing is said or done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx
import psutil
import pytest

from tests.harness.patience import wait_for
from tests.harness.residents import LAMP, WeChatResident, ticket_number
from tests.harness.system import System, WebResident
from tests.standins.wechat import WeChatControl
from tests.standins.wechat_platform import Fields, text

# Seconds between what residents send and the kill: nothing has begun, it is under way, it is done.
MOMENTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.3)
RECOVERY = 60.0


@dataclass
class Sender:
    """A resident at the summary of a ticket, whose page confirms it and sends again what was not
    acknowledged, as the real page does."""

    resident: WebResident
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    acknowledged: bool = False

    @classmethod
    def ready(cls, system: System) -> Sender:
        resident = WebResident(system)
        resident.say(LAMP)
        assert any("确认提交" in told for told in resident.say("跳过"))
        return cls(resident)

    def confirm(self) -> None:
        deadline = time.monotonic() + RECOVERY
        while not self.acknowledged and time.monotonic() < deadline:
            try:
                answer = self.resident.post("确认提交", self.client_id)
                self.acknowledged = answer.status_code == 202
            except httpx.TransportError:
                pass
            if not self.acknowledged:
                time.sleep(0.3)

    def answers(self) -> list[str]:
        """What answered the confirmation so far."""
        try:
            self.resident.read()
        except httpx.TransportError:
            return []
        except httpx.HTTPStatusError as refusal:
            if refusal.response.status_code != 503:
                raise
            return []  # the database is away; the page asks again
        history = self.resident.history
        asked = [n for n, m in enumerate(history) if m.get("client_id") == self.client_id]
        if not asked:
            return []
        return [m["text"] for m in history[asked[0] + 1 :] if m["author"] != "resident"]


def tickets(system: System, sender: Sender) -> list[str]:
    found = system.query(
        "SELECT t.number FROM ticket t JOIN message m ON m.id = t.source_message_id "
        "WHERE m.external_id LIKE %s",
        f"%{sender.client_id}",
    )
    return [row["number"] for row in found]


def receipts(told: list[str]) -> list[str]:
    """Answers that are not the notice that one follows."""
    return [one for one in told if "已收到" not in one]


@pytest.mark.parametrize("part", ["web", "worker", "engine", "database"])
def test_kill_9_at_any_moment_of_a_turn_loses_and_doubles_nothing(
    fragile: System, part: str
) -> None:
    senders = [Sender.ready(fragile) for _ in MOMENTS]
    threads = [threading.Thread(target=sender.confirm) for sender in senders]
    began = time.monotonic()
    for moment, thread in sorted(zip(MOMENTS, threads, strict=True), key=lambda m: -m[0]):
        time.sleep(max(0.0, max(MOMENTS) - moment - (time.monotonic() - began)))
        thread.start()
    fragile.kill(part)
    for thread in threads:
        thread.join()
    assert all(sender.acknowledged for sender in senders)

    def all_answered() -> bool:
        return all(receipts(sender.answers()) for sender in senders)

    wait_for(all_answered, RECOVERY, "an answer for everyone")
    fragile.wait_until_ready()
    time.sleep(2)  # a second answer would come now
    for sender in senders:
        [number] = tickets(fragile, sender)
        [receipt] = receipts(sender.answers())
        assert ticket_number([receipt]) == number
        delays = [one for one in sender.answers() if "已收到" in one]
        assert len(delays) <= 1
    assert fragile.query("SELECT id FROM procrastinate_jobs WHERE status = 'doing'") == []


def push_patiently(follower: WeChatResident, fields: Fields) -> None:
    """As the platform pushes: three times at most, five seconds apart; what a follower would see
    after the third is recorded as a fault."""
    follower.api.did(follower.openid)
    platform = replace(follower.platform, api=None, attempts=1)
    for _ in range(3):
        began = time.monotonic()
        pushed = asyncio.run(platform.push(fields))
        if not pushed.broken:
            if pushed.text:
                follower.api.record(follower.openid, "passive", pushed.text)
            return
        time.sleep(max(0.0, 5 - (time.monotonic() - began)))
    follower.api.record(follower.openid, "fault", "该公众号提供的服务出现故障，请稍后再试")


@pytest.mark.parametrize("part", ["web", "database"])
def test_kill_9_while_a_callback_is_open_gives_the_follower_one_answer(
    fragile: System, wechat: WeChatControl, part: str
) -> None:
    follower = WeChatResident(fragile, wechat)
    follower.say("你好")
    before = len(follower.received())
    fields = text(follower.openid, LAMP)
    pushing = threading.Thread(target=push_patiently, args=(follower, fields))
    pushing.start()
    time.sleep(0.03)
    fragile.kill(part)
    pushing.join()
    fragile.wait_until_ready()
    wait_for(lambda: len(follower.received()) > before, RECOVERY)
    follower.settle(RECOVERY)
    time.sleep(1)
    answers = receipts(follower.received()[before:])
    assert len(answers) == 1, answers
    assert "电话" in answers[0]


def test_while_the_engine_is_away_residents_are_told_once_and_answered_when_it_is_back(
    fragile: System,
) -> None:
    resident = WebResident(fragile)
    resident.answer()
    fragile.kill("engine")
    resident.post("幸福里3号楼楼下的路灯坏了三天没人修")
    resident.post("跳过")

    def summed_up() -> bool:
        resident.read()
        return any("确认提交" in m["text"] for m in resident.history)

    wait_for(summed_up, RECOVERY)
    texts = [m["text"] for m in resident.history if m["author"] != "resident"]
    assert sum("已收到" in told for told in texts) == 1
    assert texts[1].startswith("您的消息已收到"), "at once, before any answer"
    summaries = [told for told in texts if "请您核对" in told]
    assert len(summaries) == 1


def test_danger_is_answered_while_the_engine_is_away(fragile: System) -> None:
    resident = WebResident(fragile)
    resident.answer()
    fragile.kill("engine")
    began = time.monotonic()
    told = "\n".join(resident.say("隔壁着火了有人被困"))
    assert "119" in told
    assert time.monotonic() - began < 5
    fragile.wait_until_ready()


def test_what_was_killed_starts_again_by_itself(fragile: System) -> None:
    for part in ("web", "worker", "engine", "database"):
        before = fragile.child(part)
        assert before is not None
        fragile.kill(part)

        def replaced(part: str = part, old: int = before.pid) -> bool:
            now = fragile.child(part)
            return now is not None and now.pid != old

        wait_for(replaced, 20)
    fragile.wait_until_ready()
    assert WebResident(fragile).say("你好")


def test_a_web_process_that_finds_no_database_does_not_bring_the_system_down(
    fragile: System,
) -> None:
    fragile.pause("database")
    try:
        fragile.kill("web")
        time.sleep(9)  # it starts, waits for the database in vain, and gives up
    finally:
        fragile.resume("database")
    fragile.wait_until_ready()
    assert WebResident(fragile).say("你好")


def lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ended(processes: list[psutil.Process]) -> Callable[[], bool]:
    return lambda: not any(lives(one) for one in processes)


def test_kill_9_of_the_supervisor_takes_everything_along_and_the_next_start_works(
    fragile: System,
) -> None:
    sender = Sender.ready(fragile)
    family = fragile.family()
    sender.resident.post("确认提交", sender.client_id)
    assert fragile.process is not None
    os.kill(fragile.process.pid, signal.SIGKILL)
    fragile.process.wait()
    wait_for(ended(family), 20, "the end of all processes")
    fragile.start()
    fragile.wait_until_ready()
    wait_for(lambda: receipts(sender.answers()), RECOVERY)
    time.sleep(1)
    [number] = tickets(fragile, sender)
    assert ticket_number(receipts(sender.answers())) == number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_a_service_manager_stops_everything_in_order_and_leaves_nothing(
    fragile: System, number: signal.Signals
) -> None:
    family = fragile.family()
    began = time.monotonic()
    assert fragile.stop(number) == 0
    assert time.monotonic() - began < 15
    assert ended(family)()
    assert "stopped" in fragile.log.splitlines()[-1]
    assert "is killed" not in fragile.log


@pytest.mark.parametrize("part", ["database", "engine"])
def test_ctrl_c_while_it_starts_leaves_nothing(breakable: System, part: str) -> None:
    breakable.stop()
    breakable.start()
    wait_for(lambda: breakable.child(part), 20)
    family = breakable.family()
    assert breakable.stop(signal.SIGINT) == 0
    wait_for(ended(family), 10)


def test_none_of_it_left_a_traceback_of_what_residents_wrote(breakable: System) -> None:
    for planted in ("路灯", "确认提交", "幸福里"):
        assert planted not in breakable.log
