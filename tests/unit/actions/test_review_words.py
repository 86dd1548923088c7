"""What residents say of a matter that was handled, in their own words."""

from __future__ import annotations

import pytest

from actions.review_words import agrees_to_close, read_answer
from desk.tickets.reviews.answer import LEVELS, Answer, Follows, what_follows

# A text, how satisfied (1 to 5, - when it does not say), and whether solved (y, n, -).
SAID = """
非常满意 | 5 | -
满意 | 4 | -
基本满意 | 3 | -
不满意 | 2 | -
非常不满意 | 1 | -
回复【满意】 | 4 | -
很满意，修得很快 | 5 | -
比较满意 | 4 | -
挺满意的 | 4 | -
相当满意 | 5 | -
十分满意 | 5 | -
十分不满意 | 1 | -
还算满意吧 | 3 | -
勉强满意 | 3 | -
不太满意 | 2 | -
不怎么满意 | 2 | -
不是很满意 | 2 | -
不大满意 | 2 | -
很不满意 | 1 | -
太不满意了 | 1 | -
一点都不满意 | 1 | -
谈不上满意 | 2 | -
说不上有多满意 | 2 | -
不能说不满意 | 3 | -
没什么不满意的 | 4 | -
没有不满意 | 4 | -
也不是不满意，就是慢了点 | 3 | -
不能再满意了 | 5 | -
满意得不得了 | 5 | -
满意个屁 | 1 | -
很难让人满意 | 2 | -
你觉得我会满意吗？ | 2 | -
这能让人满意吗 | 2 | -
还行吧 | 3 | -
还可以 | 3 | -
一般 | 3 | -
一般般吧 | 3 | -
凑合 | 3 | -
马马虎虎 | 3 | -
就那样吧 | 3 | -
差强人意 | 3 | -
太差了 | 1 | -
真差劲 | 1 | -
差评 | 2 | -
bu满意 | 2 | -
冇解决，唔满意 | 2 | n
勿满意 | 2 | -
不滿意 | 2 | -
⭐⭐⭐⭐⭐ | 5 | -
⭐️⭐️ | 2 | -
很失望 | 1 | -
不怎么样 | 2 | -
不认可这个结果 | 2 | -
好评 | 4 | -
不错 | 4 | -
太棒了 | 5 | -
必须点赞 | 5 | -
👍 | 4 | -
👎 | 2 | -
5星 | 5 | -
五颗星 | 5 | -
给四星 | 4 | -
三星吧 | 3 | -
两星 | 2 | -
1星 | 1 | -
一颗星都不想给 | 1 | -
打5分 | 5 | -
打1分 | 1 | -
10分 | 5 | -
8分 | 4 | -
给你们六分 | 3 | -
100分 | 5 | -
85分 | 4 | -
59分 | 2 | -
零分 | 1 | -
满分 | 5 | -
修好了谢谢 | - | y
修好了，很快，满意 | 4 | y
已经解决了 | - | y
解决了 | - | y
灯亮了 | - | y
来水了，谢谢 | - | y
不漏了 | - | y
楼上不吵了 | - | y
没再吵了 | - | y
都清理干净了 | - | y
垃圾清走了 | - | y
没问题了 | - | y
搞定了，给五星 | 5 | y
没解决 | - | n
还是没解决 | - | n
根本没人来 | - | n
根本没修 | - | n
没人管 | - | n
还是老样子 | - | n
还在漏 | - | n
又坏了 | - | n
修了一半 | - | n
部分解决 | - | n
灯还是不亮 | - | n
没解决就说办结了，糊弄人 | 2 | n
来是来了，没弄好，不满意 | 2 | n
态度很好，但是问题没解决 | 5 | n
态度满意，结果不满意 | 2 | -
满意？根本没修 | 4 | n
修好了我就给五星 | - | n
等你们修好了再说满意 | - | n
这就叫解决了？ | - | n
治标不治本 | - | n
完全没问题 | - | y
重办 | - | n
"""
# Not about how it was handled, or nobody's own judgement: asked, never guessed.
NOTHING = """
谢谢
好的
知道了
怎么评价？
什么时候来修
解决了吗
修好了没
解决了没有
有没有解决
来人了没有？
你们满意就行
领导满意了就行
希望下次能让我满意
不敢不满意
呵呵，真满意
居住证怎么办
等了30分钟
十分感谢
下午5点30分
我住三星级酒店旁边
星期五
人民路21号
收到
你好
"""
CONTACTED = {
    "没人联系过我": False,
    "从来没接到过电话": False,
    "没人给我打电话就办结了": False,
    "打过电话了但是没处理": True,
    "师傅上门看了，修好了": True,
    "他们联系了我": True,
    "满意": None,
    "没联系我": False,
}


def cases() -> list[tuple[str, int | None, bool | None]]:
    found: list[tuple[str, int | None, bool | None]] = []
    for line in SAID.strip().splitlines():
        text, level, solved = (part.strip() for part in line.split("|"))
        found.append(
            (text, None if level == "-" else int(level), {"y": True, "n": False, "-": None}[solved])
        )
    return found


def test_there_are_enough() -> None:
    assert len(cases()) + len(NOTHING.split()) >= 100


@pytest.mark.parametrize(("text", "satisfaction", "solved"), cases())
def test_what_is_said(text: str, *, satisfaction: int | None, solved: bool | None) -> None:
    answer = read_answer(text)
    assert answer is not None
    assert (answer.satisfaction, answer.solved) == (satisfaction, solved)


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_what_is_not_about_it(text: str) -> None:
    assert read_answer(text) is None


@pytest.mark.parametrize(("text", "contacted"), CONTACTED.items())
def test_whether_someone_got_in_touch(text: str, *, contacted: bool | None) -> None:
    answer = read_answer(text)
    assert answer is not None
    assert answer.contacted is contacted


@pytest.mark.parametrize("level", range(1, 6))
def test_each_button_is_its_level(level: int) -> None:
    assert read_answer(LEVELS[level - 1]) == Answer(satisfaction=level)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("可以结案了", True),
        ("同意办结", True),
        ("不用再管了", True),
        ("就归档吧", True),
        ("不同意办结", False),
        ("还不能结案", False),
        ("可以结案了吗？", False),
        ("什么时候办结", False),
        ("满意", False),
    ],
)
def test_agreeing_to_close(text: str, *, agrees: bool) -> None:
    assert agrees_to_close(text) is agrees


@pytest.mark.parametrize(
    ("answer", "handled", "follows"),
    [
        (Answer(satisfaction=3), 1, Follows.NOTHING),
        (Answer(solved=True), 1, Follows.NOTHING),
        (Answer(contacted=False), 1, Follows.NOTHING),
        (Answer(satisfaction=2), 1, Follows.REDO),
        (Answer(satisfaction=5, solved=False), 1, Follows.REDO),
        (Answer(satisfaction=2), 2, Follows.PERSON),
        (Answer(solved=False), 3, Follows.PERSON),
        (Answer(satisfaction=3, solved=True), 2, Follows.NOTHING),
    ],
)
def test_what_follows(answer: Answer, handled: int, follows: Follows) -> None:
    assert what_follows(answer, handled) is follows


def test_a_later_word_adds_to_the_earlier_one() -> None:
    first = Answer(satisfaction=4, comment="满意")
    assert Answer(solved=True).after(first) == Answer(solved=True, satisfaction=4, comment="满意")
    assert Answer(satisfaction=5).after(Answer(contacted=True)) == Answer(
        contacted=True, satisfaction=5
    )


def test_a_change_of_mind_takes_the_other_answer_back() -> None:
    assert Answer(solved=False).after(Answer(satisfaction=5)) == Answer(solved=False)
    assert Answer(satisfaction=4).after(Answer(solved=False)) == Answer(satisfaction=4)
    assert Answer(satisfaction=2).after(Answer(solved=True)) == Answer(solved=True, satisfaction=2)
    assert Answer(contacted=False).after(Answer(satisfaction=2)) == Answer(
        contacted=False, satisfaction=2
    )


@pytest.mark.parametrize("level", [0, 6])
def test_there_are_five_levels(level: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        Answer(satisfaction=level)
