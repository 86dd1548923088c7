"""Hides what tells of a person in a text that others will read."""

from __future__ import annotations

import re

HIDDEN = "***"

# `\d` takes full-width digits too. What is dictated comes in Chinese digits, 幺 for one.
_SPOKEN = r"[零〇一二三四五六七八九两幺]"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_GAP = r"[ \-－—]?"
_PERSONAL = re.compile(
    "|".join(
        (
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
            rf"(?<!\d)\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXxＸｘ](?!\d)",  # an identity card number
            # A telephone number, a bank card, or whatever else has that many digits.
            rf"(?<!\d)(?:[+＋]?86{_GAP})?0?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)",
            rf"(?<!\d)0\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)",
            r"\d{7,}",
            rf"{_SPOKEN}{{7,}}",
            # A number plate: the province, a letter of the city, five or six of either.
            rf"[{_PROVINCES}][A-Z][·・ ]?[A-Z0-9]{{5,6}}(?![A-Z0-9])",
            r"(?:微信|QQ|qq|vx|VX)号?[:：是 ]{0,2}[A-Za-z0-9_-]{5,20}",  # a messenger account
        )
    )
)
_HOME = re.compile(
    r"[\d一二三四五六七八九十]+(?:号楼|栋|幢|座)"
    r"(?:\s?[\d一二三四五六七八九十]+(?:单元|门))?(?:\s?\d+(?:室|房|号|户)?)?"
    r"|\d{3,4}(?:室|房|户)"
)


def masked(text: str) -> str:
    """A text without telephone, identity card and bank card numbers, e-mail addresses, number plates
    and messenger accounts. Names stay: they cannot be told from other words."""
    return _PERSONAL.sub(HIDDEN, text)


def masked_for_all(text: str) -> str:
    """The same for everyone to read: without the building and the door of a home either."""
    return _HOME.sub(HIDDEN, masked(text))
