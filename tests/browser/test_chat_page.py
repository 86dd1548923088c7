"""The resident's page on a phone, with the real system behind it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.harness.system import System

BOT = "人工"


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def test_a_lamp_is_reported_and_its_progress_appears(page: Page, running: System) -> None:
    log = page.get_by_role("log")
    await expect(log).to_contain_text("机器人")
    await say(page, "幸福里3号楼楼下的路灯坏了三天没人修")
    await expect(log).to_contain_text("电话")
    await page.get_by_role("button", name="跳过").click()
    await expect(log).to_contain_text("请您核对")
    await page.get_by_role("button", name="确认提交").click()
    await expect(log).to_contain_text(re.compile(r"YS\d{12}"))
    number = re.search(r"YS\d{12}", await log.inner_text())
    assert number
    assert running.cli("ticket", number[0], "assign").returncode == 0
    await expect(log).to_contain_text("已派给")


async def test_the_conversation_is_there_again_after_a_reload(page: Page) -> None:
    await say(page, "你们是真人还是机器人")
    await expect(page.get_by_role("log")).to_contain_text("不是真人")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("你们是真人还是机器人")


async def test_what_is_written_without_network_is_sent_once_when_it_is_back(
    page: Page, context: BrowserContext
) -> None:
    await expect(page.get_by_role("log")).to_contain_text("机器人")
    await context.set_offline(True)
    await say(page, "翠湖路上的井盖没了")
    await page.wait_for_timeout(1500)
    await context.set_offline(False)
    await expect(page.get_by_role("log")).to_contain_text("电话", timeout=40_000)
    await page.reload()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("电话")
    assert (await log.inner_text()).count("翠湖路上的井盖没了") == 1


async def test_markup_in_words_stays_text(page: Page) -> None:
    await say(page, "<img src=x onerror=\"document.title='x'\">路灯坏了<b>")
    await expect(page.get_by_role("log")).to_contain_text("<img src=x")
    assert await page.title() != "x"
    assert await page.get_by_role("log").locator("b").count() == 0


async def test_everything_has_a_name_for_a_screen_reader(page: Page) -> None:
    await expect(page.get_by_role("log")).to_contain_text("机器人")
    unnamed = await page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea, a')]
            .filter(e => !e.hidden && !(e.ariaLabel || e.labels?.length || e.textContent.trim()))
            .map(e => e.outerHTML)"""
    )
    assert unnamed == []
    assert await page.get_by_role("log").get_attribute("aria-live") == "polite"
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"


async def test_large_text_is_larger_and_remembered(page: Page) -> None:
    bubble = page.get_by_role("log")
    size = "getComputedStyle(document.querySelector('[role=log]')).fontSize"
    await expect(bubble).to_contain_text("机器人")
    before = float((await page.evaluate(size)).removesuffix("px"))
    await page.get_by_role("button", name="大字").click()
    after = float((await page.evaluate(size)).removesuffix("px"))
    assert after > before * 1.2
    await page.reload()
    assert float((await page.evaluate(size)).removesuffix("px")) == after


async def test_the_page_loads_nothing_from_elsewhere(
    context: BrowserContext, running: System
) -> None:
    asked: list[str] = []
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{running.url}/chat")
    await expect(page.get_by_role("log")).to_contain_text("机器人")
    assert all(url.startswith((running.url, "blob:")) for url in asked), asked
    assert errors == []


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_is_wider_than_the_screen(
    context: BrowserContext, running: System, width: int, tmp_path: Path
) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{running.url}/chat")
    await expect(page.get_by_role("log")).to_contain_text("机器人")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(await page.screenshot(path=tmp_path / f"chat-{width}.png")) > 5_000
