"""What short answers mean, whatever the model thinks of them."""

from __future__ import annotations

import pytest

from actions.intake import Ask
from actions.intake.words import (
    announced_type,
    asks,
    asks_what_to_bring,
    asks_whom,
    corrects,
    corrects_nothing_yet,
    leads_on,
    meaning,
    process_question,
    supplements,
    takes_back_number,
    takes_up_earlier,
)

MEANINGS = {
    "affirm": "是的 对的对的 嗯嗯 好的，谢谢 没问题，提交吧 OK 确认提交！ 【确认提交】 回复【确认提交】 可以👌 "
    "继续填写 登记 帮我登记 就这样吧 不用改，提交 要得",
    "deny": "不对 不是 不用了 先不要提交 修改 我要改一下 有问题",
    "none": "没有 没了 没有了，不改了 不用改",
    "cancel": "取消 算了 算了吧 我不报了 不投诉了 退出 返回 不想说了 不登记了 放弃",
    "skip": "跳过 不方便 不想说 不留电话 没有手机 电话不留了",
    "ask_human": "人工 转人工 人工客服 我要找人工 换真人 帮我转人工服务谢谢",
    "anonymous": "匿名 我要匿名举报 还是匿名吧",
    "named": "实名 不用匿名 不匿名了",
    "ask_progress": "我的诉求 查进度 查询进度",
    "ask_privacy": "隐私 隐私说明",
    "my_data": "查看我的信息 删除我的信息",
    "urge": "催办 我要催办",
    "add_to_ticket": "补充 补充一下",
    "thank": "知道了 好的，我知道了 晓得了，谢谢同志 哦哦明白了",
    "greet": "hi Hello! 哈喽 嗨 hi🙏",
    "rate": "满意 非常满意 不满意，根本没修",
}


@pytest.mark.parametrize(
    ("word", "means"), [(word, name) for name, words in MEANINGS.items() for word in words.split()]
)
def test_short_answers(word: str, means: str) -> None:
    assert meaning(word) == means


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。",
        "👍",
        "要人工智能专业的学校",
        "不投诉了吗他们还在吵",
        "对面有人占道",
        "好几天没来水了",
        "取消公交站点不合理",
        "是人民路21号",
        "没有路灯",
        "不是12号",
        "跳广场舞太吵",
        "匿名举报会不会被知道",
    ],
)
def test_what_is_no_short_answer(text: str) -> None:
    assert meaning(text) is None


@pytest.mark.parametrize(
    ("text", "ask", "means"),
    [
        ("没有", Ask.PHONE, "skip"),
        ("不用", Ask.PHONE, "skip"),
        ("不填了", Ask.PHONE, "skip"),
        ("不填了", Ask.PLACE, "cancel"),
        ("没有", Ask.PLACE, "skip"),
        ("没有", Ask.RESUME, "deny"),
        ("没有了", Ask.CONFIRMATION, "none"),
        ("没有", Ask.SUPPLEMENT, "cancel"),
    ],
)
def test_the_question_decides(text: str, ask: Ask, means: str) -> None:
    assert meaning(text, ask) == means


@pytest.mark.parametrize(
    "text",
    [
        "不对，是21号",
        "是21号不是12号",
        "电话错了是13900139000",
        "刚才说错了",
        "把电话改成13900139000",
        "应该是3单元",
        "我这是举报不是投诉",
        "我只是提个建议，别写成投诉",
        "电话别留了",
    ],
)
def test_corrections(text: str) -> None:
    assert corrects(text)


@pytest.mark.parametrize(
    "text", ["人民路21号", "路灯坏了三天没人修", "13800138000", "他们不给退钱"]
)
def test_no_corrections(text: str) -> None:
    assert not corrects(text)


def test_corrections_without_a_value() -> None:
    for text in ("地址写错了", "刚才说错了", "我刚刚打错字了", "修改电话", "内容不对，我重新说"):
        assert corrects_nothing_yet(text), text
    for text in ("不对，是21号", "应该是三盏灯", "电话换成13900139000"):
        assert not corrects_nothing_yet(text), text


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("多久能处理？", "how_long"),
        ("那要多久啊", "how_long"),
        ("一般几天有结果", "how_long"),
        ("什么时候能有人来修", "how_long"),
        ("这个归谁管", "who"),
        ("要收费吗", "free"),
        ("会给我打电话吗", "contact"),
        ("居住证多久能办好", None),
        ("路灯什么时候能修好", None),
        ("", None),
    ],
)
def test_questions_about_the_handling(text: str, asked: str | None) -> None:
    assert process_question(text) == asked


def test_questions() -> None:
    for text in ("公积金怎么提取", "在吗", "真的吗？", "多久能办", "请问图书馆几点开门"):
        assert asks(text) or text == "公积金怎么提取", text
    for text in ("人民路21号", "路灯坏了", "怎么都睡不着。老人身体不好。我住3楼"):
        assert not asks(text) or text.startswith("怎么"), text


def test_whom_to_turn_to() -> None:
    assert asks_whom("路灯坏了找谁修")
    assert asks_whom("噪音扰民归哪个部门管")
    assert not asks_whom("路灯坏了没人修")


def test_questions_that_go_on() -> None:
    for text in ("那外地户口呢", "要是过期了怎么弄", "还要带户口本吗", "小孩呢？"):
        assert leads_on(text), text
    for text in ("居住证怎么办", "图书馆几点开门"):
        assert not leads_on(text), text


def test_announcements() -> None:
    assert announced_type("另外我要投诉8路公交车") == "complaint"
    assert announced_type("我还想咨询一下公积金") == "consultation"
    assert announced_type("我要匿名举报黑作坊") == "violation"
    assert announced_type("他们说要投诉我") is None


def test_numbers_taken_back_and_earlier_tickets() -> None:
    assert takes_back_number("电话别留了")
    assert takes_back_number("把我的电话删掉") or takes_back_number("删掉我的电话")
    assert not takes_back_number("打不通电话")
    assert not takes_back_number("我的电话不要给商家")
    assert takes_up_earlier("上次报的路灯")
    assert not takes_up_earlier("路灯坏了")


def test_additions() -> None:
    assert supplements("补充一下 他们还把垃圾倒在绿化带")
    assert supplements("我再补充一点，是晚上十点以后")
    assert not supplements("路灯坏了，补充报一下")
    assert supplements("补充：旁边还有个井盖松了")
    assert not supplements("补充")
    assert not supplements("补充协议是公司逼我签的")


def test_what_to_bring() -> None:
    assert asks_what_to_bring("要带户口本不")
    assert asks_what_to_bring("还需要复印身份证吗")
    assert not asks_what_to_bring("户口本丢了怎么补办")
    assert not asks_what_to_bring("要交电费去哪里")
