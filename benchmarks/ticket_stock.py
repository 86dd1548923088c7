"""Databases of many tickets, filled at once: invented matters out of a vocabulary of our own."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from desk.city import City
from desk.tickets.duplicates.score import Told, told
from desk.tickets.duplicates.terms import filed_under
from desk.tickets.number import PER_DAY, ticket_number

# So many different matters; further tickets tell one of them again, as residents do.
MATTERS = 50_000
# Tickets in a day: a city of some millions.
PER_DAY_HERE = 5_000
LAST_DAY = datetime(2026, 11, 24, tzinfo=UTC)

_FIRST = "金银玉翠桂梅兰菊松柏枫柳竹荷莲云霞星月晨朝晴春夏秋冬东西南北中山海江湖泉石"
_SECOND = "安宁康乐和顺福禄祥瑞泰昌盛兴隆丰裕华锦绣明亮辉光远达通平正德仁义信诚文雅清秀"
_ROADS = ("路", "大道", "街", "巷")
_ESTATES = ("小区", "花园", "家园", "公寓", "新村")
_WHAT = (  # noqa: SIM905 - read as lines
    "路灯 井盖 垃圾桶 下水道 消防栓 电梯 健身器材 红绿灯 护栏 人行道 盲道 公交站牌 充电桩 变压器 水管 "
    "燃气管 围墙 楼道灯 单元门 监控 车棚 化粪池 绿化带 行道树 广告牌 信号塔 停车位 道闸 排水沟 宣传栏"
).split()
_HOW = (  # noqa: SIM905
    "坏了一个多星期 被撞断了 一直在漏水 晚上不亮 松动得厉害 被人拆走了 堵得满地都是 歪倒在一边 被占用了 "
    "生锈断开 掉下来砸到车 吵得睡不着 冒着黑烟 长满杂草 被车压裂 贴满小广告 臭得不敢开窗 用不了也没人管"
).split()
_WHO = (  # noqa: SIM905
    "老人路过差点摔倒 孩子上学要绕道 骑车的人险些撞上 物业推给施工方 社区说不归他们管 打过电话没有下文 "
    "半个月前报过一次 整栋楼的人都有意见 下雨天更严重 送医院花了三百块 商户也跟着受影响 已经拍了照片"
).split()

_AGAIN = (
    """
    INSERT INTO ticket_matter (ticket_id, told)
    SELECT ticket_id + further, told
    FROM generate_series(%(cycle)s, %(last)s - 1, %(cycle)s) AS further CROSS JOIN ticket_matter
    WHERE ticket_id + further <= %(last)s
    """,
    """
    INSERT INTO ticket_term (ticket_id, term)
    SELECT ticket_id + further, term
    FROM generate_series(%(cycle)s, %(last)s - 1, %(cycle)s) AS further CROSS JOIN ticket_term
    WHERE ticket_id + further <= %(last)s
    """,
)


def description(chance: random.Random) -> tuple[str, str]:
    """What is the matter, and where."""
    name = chance.choice(_FIRST) + chance.choice(_SECOND)
    where = f"{name}{chance.choice(_ROADS)}{chance.randint(1, 400)}号"
    if chance.random() < 0.5:
        where = f"{name}{chance.choice(_ESTATES)}{chance.randint(1, 40)}栋"
    said = f"{chance.choice(_WHAT)}{chance.choice(_HOW)}，{'，'.join(chance.sample(_WHO, 2))}"
    return said, where


@dataclass(frozen=True)
class Known:
    """A matter with all that is kept of it."""

    said: str
    where: str
    topic: str
    told: Told
    terms: set[int]


def matters(city: City, count: int, *, seed: int = 0) -> list[Known]:
    """Different matters, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    topics = sorted(city.categories)
    found: list[Known] = []
    for _ in range(count):
        said, where = description(chance)
        topic = chance.choice(topics)
        one = told(city, description=said, place=where, topic=topic, at=LAST_DAY)
        found.append(Known(said, where, topic, one, filed_under(one)))
    return found


def fill(url: str, city: City, known: list[Known], count: int) -> None:
    """Puts `count` open tickets with a first step each into an empty migrated database. The indexes
    that are not needed meanwhile are made afterwards, as a restore does."""
    chance = random.Random(count)  # noqa: S311 - no secret
    bodies = sorted(city.departments)
    states = [code for code, state in city.lifecycle.states.items() if state.clock]
    days = (count - 1) // PER_DAY_HERE + 1
    as_json = TypeAdapter(Told)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        later = _without_indexes(connection)
        cursor = connection.cursor()
        with cursor.copy(
            "COPY ticket (id, number, origin, matter, type, urgency, topic, description, place, phone, "
            "confidential, anonymous, department, assisting, state, version, model, created_at, "
            "updated_at) FROM STDIN"
        ) as copy:
            for number, one in enumerate(itertools.islice(itertools.cycle(known), count), 1):
                day, running = divmod(number - 1, PER_DAY_HERE)
                at = LAST_DAY - timedelta(days=days - day) + timedelta(seconds=17 * running)
                copy.write_row(
                    (
                        number,
                        ticket_number(at.date(), running % PER_DAY + 1),
                        "import",
                        0,
                        "complaint",
                        "normal",
                        one.topic,
                        one.said,
                        one.where,
                        f"138{chance.randint(0, 99_999_999):08d}",
                        False,
                        False,
                        chance.choice(bodies),
                        [],
                        chance.choice(states),
                        1,
                        "",
                        at,
                        at,
                    )
                )
        connection.execute("SELECT setval('ticket_id_seq', %s)", (count,))
        connection.execute(
            "INSERT INTO ticket_event (ticket_id, seq, action, to_state, actor, role, note, told, at) "
            "SELECT id, 1, 'open', state, 'import', 'system', '', '', created_at FROM ticket"
        )
        first = known[:count]
        with cursor.copy("COPY ticket_matter (ticket_id, told) FROM STDIN") as copy:
            for number, one in enumerate(first, 1):
                copy.write_row((number, Jsonb(as_json.dump_python(one.told, mode="json"))))
        with cursor.copy("COPY ticket_term (term, ticket_id) FROM STDIN") as copy:
            for number, one in enumerate(first, 1):
                for term in one.terms:
                    copy.write_row((term, number))
        for again in _AGAIN:
            connection.execute(again, {"cycle": len(first), "last": count})
        for statement in later:
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")


def _without_indexes(connection: psycopg.Connection) -> list[str]:
    """Drops indexes and foreign keys of the filled tables; the statements that make them again."""
    tables = ["ticket", "ticket_event", "ticket_matter", "ticket_term"]
    again: list[str] = []
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text "
        "FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('f', 'p', 'u') "
        "ORDER BY contype = 'f'",
        (tables,),
    ).fetchall()
    foreign = [key for key in keys if key[3] == "f"]
    for table, name, _, _ in (
        *foreign,
        *(k for k in keys if k[0] == "ticket_term" and k[3] == "p"),
    ):
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE 'ix_%%'",
        (tables,),
    ).fetchall()
    for name, made in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
        again.append(made)
    again += [
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {how}"
        for table, name, how, kind in keys
        if kind == "f" or (table == "ticket_term" and kind == "p")
    ]
    return again
