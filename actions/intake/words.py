"""What short words mean when a question is open, and what can be read off a text without a model."""

from __future__ import annotations

import re

from actions.intake.draft import Ask

_TRAILING = re.compile(r"[\s，。,.!！~～?？、…]+")

# Short answers, as typed or as printed on a button. The model sees them without the question that
# they answer; here the question is known.
_MEANINGS = {
    "affirm": "是 是的 对 对的 嗯 嗯嗯 好 好的 好滴 行 可以 没错 没问题 确认 确认提交 提交 要 需要 ok OK 1 继续 继续填写 登记 是呀 对呀 中 得 要的 帮我登记",
    "deny": "不 不是 不对 不用 不要 不用了 不需要 没有 否 修改 要修改 我要改 有错 不继续",
    "cancel": "取消 退出 不报了 算了 返回 不说了 不弄了 不填了 结束 算了吧 不反映了",
    "skip": "跳过 不方便 不想说 不留 不方便留 没有电话 不填 不留电话 不提供 无 保密",
    "ask_human": "人工 转人工 人工服务 人工客服 找人工 转人工服务",
    "anonymous": "匿名 要匿名 匿名举报 我要匿名",
    "named": "实名 不匿名 不用匿名 不需要匿名 实名举报",
}
_MEANING_OF = {word: name for name, words in _MEANINGS.items() for word in words.split()}

_CORRECTS = re.compile(
    r"^(不对|不是|错了|搞错|说错|写错|打错|更正|更改|纠正|改一下|改下)|"
    r"(说|写|打|报|填|弄|搞)错了?|改成|改为|换成|应该是|应为|更正"
)
_QUESTION = re.compile(
    r"[?？]$|吗$|呢$|多久|多长时间|什么时候|几天|怎么|怎样|如何|多少|几号|是什么|哪里|哪儿|为什么|"
    r"会不会|能不能|是不是|干嘛|做什么用"
)
_ADDRESS = re.compile(
    r"[路街道巷弄号栋幢楼室村组区苑园镇乡县市桥口站湖河湾港]|单元|小区|旁边|附近|对面|门口|广场|"
    r"医院|学校|公园|大厦|花园|公寓|新村|家门|楼下|楼上|隔壁"
)
# Words that announce a matter without being one.
_ANNOUNCES = re.compile(
    r"我|要|想|你们|您|你好|您好|请问|请|帮|一下|一个|一件|个|件|有|来|给|向|对|的|了|吗|呢|啊|这里|"
    r"投诉|举报|反映|反应|咨询|求助|建议|表扬|报事|报修|报|反馈|上报|问题|事情|事|情况|诉求|在吗|领导|"
    r"尊敬|12345|热线|政府|部门|帮忙|说|下|能|可以|是"
)
_ANOTHER = re.compile(r"^(另外|还有|再|顺便|对了|还想|还要)")


def meaning(text: str, ask: Ask | None = None) -> str | None:
    """What a short answer means, None when it is no short answer. A bare “没有” to the question for a
    phone number declines it."""
    word = _TRAILING.sub("", text)
    found = _MEANING_OF.get(word) or _MEANING_OF.get(word.lower())
    if ask is Ask.PHONE and found == "deny":
        return "skip"
    return found


def corrects(text: str) -> bool:
    """Whether a text fixes something said before."""
    return bool(_CORRECTS.search(text.strip()))


def asks(text: str) -> bool:
    """Whether a text is a question."""
    return bool(_QUESTION.search(text.strip().rstrip("。！!~")))


def names_a_place(text: str) -> bool:
    """Whether an answer to “where?” has anything of a place in it."""
    return 2 <= len(text.strip()) <= 60 and bool(_ADDRESS.search(text))


def has_matter(text: str) -> bool:
    """Whether something is left when the words that only announce a matter are taken away."""
    return len(re.sub(r"\W", "", _ANNOUNCES.sub("", text))) >= 2


def another_matter(text: str) -> bool:
    """Whether a text begins a further matter."""
    return bool(_ANOTHER.match(text.strip()))
