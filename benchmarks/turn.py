"""From WeChat callback to answer: how long a resident waits, alone and with others at once.

Starts the system (`yingsheng run`) in a folder of its own, posts signed and encrypted callbacks as
the platform does, and takes the time until the passive reply is read. Every resident lives through
one whole intake, so that the turns are those of real use. Prints a table, then one JSON line; exit
code 1 when the p95 at 8 residents at once is over the stated target on this machine.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.harness.engine import trained_model
from tests.harness.places import scratch
from tests.harness.system import system
from tests.standins.wechat import wechat_api
from tests.standins.wechat_platform import AES_KEY, TOKEN, Platform, text
from tests.standins.wechat_rules import APPID, SECRET

TARGET_MS = 300.0
DIALOGUE = (
    "你好",
    "东风路26号门口的窨井盖碎了，晚上骑车差点摔进去",
    "13800138000",
    "不对，是28号",
    "确认提交",
    "我的诉求",
    "谢谢",
)
RESIDENTS = {1: 24, 8: 48}


async def talk(platform: Platform, openid: str, times: list[float]) -> None:
    """One resident's dialogue; each line is sent when the last one was answered."""
    for line in DIALOGUE:
        began = time.perf_counter()
        pushed = await platform.push(text(openid, line))
        times.append((time.perf_counter() - began) * 1000)
        if not pushed.text:
            raise SystemExit(
                f"no passive reply to {line} of {openid}: {pushed}, {times[-1]:.0f} ms"
            )


async def crowd(platform: Platform, at_once: int, residents: int, name: str) -> list[float]:
    """Milliseconds of all turns of `residents`, `at_once` of them talking at any moment."""
    times: list[float] = []
    waiting = [f"o-{name}-{number}" for number in range(residents)]

    async def lane() -> None:
        while waiting:
            await talk(platform, waiting.pop(), times)

    await asyncio.gather(*(lane() for _ in range(at_once)))
    return times


async def measure(platform: Platform) -> dict[int, list[float]]:
    """The times by how many talk at once, after a warm-up."""
    await crowd(platform, 4, 4, "warm")
    return {n: await crowd(platform, n, count, str(n)) for n, count in RESIDENTS.items()}


def main() -> int:
    """Runs the benchmark; the exit code."""
    model = trained_model()
    with wechat_api() as api, scratch("bench") as folder:
        extra = {
            "YINGSHENG_WECHAT_APPID": APPID,
            "YINGSHENG_WECHAT_SECRET": SECRET,
            "YINGSHENG_WECHAT_TOKEN": TOKEN,
            "YINGSHENG_WECHAT_AES_KEY": AES_KEY,
            "YINGSHENG_WECHAT_API_URL": api.url,
        }
        with system(folder, model, extra) as running:
            times = asyncio.run(measure(Platform(f"{running.url}/channels/wechat", "encrypted")))
    table = Table("residents at once", "turns", "p50 ms", "p95 ms", "turns/s by residents' wait")
    figures: dict[str, dict[str, float]] = {}
    for at_once, taken in times.items():
        cuts = statistics.quantiles(taken, n=20)
        p50, p95 = statistics.median(taken), cuts[18]
        figures[str(at_once)] = {
            "turns": len(taken),
            "p50_ms": round(p50, 1),
            "p95_ms": round(p95, 1),
        }
        rate = f"{at_once * 1000 / statistics.mean(taken):.1f}"
        table.add_row(str(at_once), str(len(taken)), f"{p50:.0f}", f"{p95:.0f}", rate)
    Console().print(table)
    missed = figures["8"]["p95_ms"] > TARGET_MS
    print(
        json.dumps({"bench": "turn", "target_p95_ms_at_8": TARGET_MS, "missed": missed, **figures})
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
