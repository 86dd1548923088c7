"""Words that must not wait for a model: danger to life, and what the city does not accept.

They are patterns kept as data, so that a city can read and change them, and they work while the
engine is down.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# The danger whose kind is open; every city has it.
ANY_DANGER = "sos"

_TRADITIONAL = str.maketrans(
    "樓氣電線著燒滅煙爆災區訴訟請舉報長員門裡裏聞來這個們過還嗎麼沒無為發現點車輛傷隊軍華陳東馬鳥魚"
    "龍體藥錢銀鐵關開場學習書買賣貴費務業產資職權溝渠灣滿漏擾亂倒兒孫婦媽爺爸屍殺槍劍刀綁強姦搶劫動斷墜讓牆壓醫護險聲邊頂",
    "楼气电线着烧灭烟爆灾区诉讼请举报长员门里里闻来这个们过还吗么没无为发现点车辆伤队军华陈东马鸟鱼"
    "龙体药钱银铁关开场学习书买卖贵费务业产资职权沟渠湾满漏扰乱倒儿孙妇妈爷爸尸杀枪剑刀绑强奸抢劫动断坠让墙压医护险声边顶",
)
_PUNCTUATION = str.maketrans({"!": "！", "?": "？", ",": "，", ";": "，", "\n": "。"})


def fold(text: str) -> str:
    """The form that patterns are matched on: half-width lower-case letters and digits, simplified
    characters for the common traditional ones, Chinese punctuation, and a comma for a run of blanks
    or dots (residents often write blanks in place of punctuation).
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = plain.translate(_TRADITIONAL).translate(_PUNCTUATION)
    return re.sub(r"[ \t\r\u3000]+|\.{2,}", "，", plain)


class Trigger(BaseModel):
    """Patterns that set something off, and what clears them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z_]+$")
    name: str
    patterns: tuple[re.Pattern[str], ...] = Field(min_length=1)
    unless: tuple[re.Pattern[str], ...] = ()
    told: str = Field(min_length=1)

    def found_in(self, folded: str) -> bool:
        """Whether a pattern matches outside of what the `unless` patterns cover.

        A harmless phrase hides only itself: 火锅店着火了 is a fire although 火锅 is none.
        """
        if not any(pattern.search(folded) for pattern in self.patterns):
            return False
        bare = list(folded)
        for pattern in self.unless:
            for match in pattern.finditer(folded):
                bare[match.start() : match.end()] = "。" * (match.end() - match.start())
        rest = "".join(bare)
        return any(pattern.search(rest) for pattern in self.patterns)


class Danger(Trigger):
    """A danger to life: which numbers help, what is said at once, and who goes on.

    `then` is `human` when a person must take the conversation over, else `continue`.
    """

    numbers: tuple[str, ...] = Field(min_length=1)
    then: Literal["continue", "human"]


class Refusal(Trigger):
    """A kind of matter that the city does not accept, and the way it is told instead.

    With `topics`, the patterns count only for messages classified as one of these second-level
    codes. A classification alone never refuses (Personal Information Protection Law, article 24).
    """

    topics: tuple[str, ...] = ()
