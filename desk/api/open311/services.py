"""The services: the city's categories, and what each wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.api.open311.rendering import Open311Error
from desk.city import Category, City

TYPE, HAPPENED, DETAIL = "type", "happened_at", "place_detail"
# 表扬 and 其他 need no form; 举报 is confidential from its first moment.
TYPES = ("consultation", "complaint", "violation", "incident", "help", "suggestion", "praise")


def service_of(city: City, code: str) -> Category:
    """The category of a service_code. Raises Open311Error."""
    if (category := city.categories.get(code)) is None:
        raise Open311Error((404, f"service_code {code[:20]} 不存在"))
    return category


def services(city: City) -> list[Mapping[str, Any]]:
    """The list of services."""
    return [_service(city, category) for category in city.categories.values()]


def definition(city: City, code: str) -> Mapping[str, Any]:
    """What a service wants to know. Raises Open311Error."""
    category = service_of(city, code)
    return {"service_code": category.code, "attributes": attributes(city, category)}


def attributes(city: City, category: Category) -> list[Mapping[str, Any]]:
    """The questions of a service: what the resident wants; of what happens somewhere, when and where
    exactly (五要素: 时间、地点)."""
    types = [{"key": code, "name": city.say(f"type.{code}")} for code in TYPES]
    asked = [
        _attribute(TYPE, "singlevaluelist", "诉求类型", "从列表中选一项", required=True)
        | {"values": types}
    ]
    if category.needs_place:
        asked += [
            _attribute(HAPPENED, "datetime", "什么时候发生或发现的", "W3C 日期时间，带时区"),
            _attribute(DETAIL, "string", "具体位置，如楼号、灯杆号、对着哪家店", "一句话"),
        ]
    return [{**one, "order": order} for order, one in enumerate(asked, 1)]


def _service(city: City, category: Category) -> Mapping[str, Any]:
    words = dict.fromkeys(word for case in category.cases for word in case.words)
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.scope,
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(words),
        "group": city.topic_name(category.code[:2]),
    }


def _attribute(
    code: str, datatype: str, description: str, datatype_description: str, *, required: bool = False
) -> dict[str, Any]:
    return {
        "variable": True,
        "code": code,
        "datatype": datatype,
        "required": required,
        "datatype_description": datatype_description,
        "order": 0,
        "description": description,
    }
