"""The platform's side of a callback: signs, encrypts and posts messages as WeChat does, and reads
the passive reply as a resident would get it.

Written from the platform's documentation on its own, not on the connector, so that the two check
each other.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
import time
from dataclasses import dataclass
from typing import Literal

import httpx
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.standins.server import TLS
from tests.standins.wechat import WeChatControl
from tests.standins.wechat_rules import APPID

Mode = Literal["plain", "compatible", "encrypted"]
Fields = dict[str, str | float]

OFFICIAL_ID = "gh_standin"
TOKEN = "standin-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

_numbers = itertools.count(23_000_000_000_000_000)


def text(openid: str, content: str, **more: str | int) -> Fields:
    return _ordinary(openid, "text", Content=content, **more)


def image(openid: str, media_id: str = "picture-1") -> Fields:
    url = "http://mmbiz.qpic.cn/picture"
    return _ordinary(openid, "image", PicUrl=url, MediaId=media_id)


def voice(
    openid: str, recognition: str = "", media_id: str = "voice-1", form: str = "amr"
) -> Fields:
    return _ordinary(openid, "voice", MediaId=media_id, Format=form, Recognition=recognition)


def location(openid: str, latitude: float, longitude: float, label: str = "") -> Fields:
    return _ordinary(
        openid, "location", Location_X=latitude, Location_Y=longitude, Scale=16, Label=label
    )


def link(openid: str, title: str, description: str, url: str) -> Fields:
    return _ordinary(openid, "link", Title=title, Description=description, Url=url)


def video(openid: str, kind: str = "video") -> Fields:
    return _ordinary(openid, kind, MediaId="video-1", ThumbMediaId="thumb-1")


def event(openid: str, name: str, key: str = "", **more: str | float) -> Fields:
    """subscribe, unsubscribe, SCAN, CLICK, VIEW, LOCATION, TEMPLATESENDJOBFINISH …"""
    return {**_heads(openid, "event"), "Event": name, "EventKey": key, **more}


def to_xml(fields: Fields) -> str:
    return f"<xml>{''.join(_node(name, value) for name, value in fields.items())}</xml>"


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - as specified


def encrypt(xml: str, aes_key: str = AES_KEY, appid: str = APPID) -> str:
    message = xml.encode()
    plain = secrets.token_bytes(16) + len(message).to_bytes(4) + message + appid.encode()
    padding = 32 - len(plain) % 32
    cipher = _cipher(aes_key).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([padding]) * padding)).decode()


def decrypt(ciphertext: str, aes_key: str = AES_KEY) -> tuple[str, str]:
    """The XML and the appid inside."""
    plain = _cipher(aes_key).decryptor().update(base64.b64decode(ciphertext))
    plain = plain[16 : -plain[-1]]
    end = 4 + int.from_bytes(plain[:4])
    return plain[4:end].decode(), plain[end:].decode()


@dataclass(frozen=True)
class Signed:
    """A callback ready to be posted."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Pushed:
    """What came of a message: the passive reply's text ("" for none), and how often it was posted.
    `broken`: the resident saw 该公众号提供的服务出现故障.
    """

    text: str
    attempts: int
    status: int
    broken: bool


@dataclass
class Platform:
    """Posts callbacks to `url`. With `api`, tells that stand-in what the resident did and got."""

    url: str
    mode: Mode = "plain"
    api: WeChatControl | None = None
    token: str = TOKEN
    aes_key: str = AES_KEY
    appid: str = APPID
    patience: float = 5.0
    attempts: int = 3

    def sign(self, fields: Fields | str, at: float | None = None) -> Signed:
        """The query and body of one delivery, signed at `at` (now when absent)."""
        xml = fields if isinstance(fields, str) else to_xml(fields)
        timestamp, nonce = str(int(at or time.time())), secrets.token_hex(5)
        query = {
            "signature": signature(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        if self.mode == "plain":
            return Signed(query, xml.encode())
        ciphertext = encrypt(xml, self.aes_key, self.appid)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(self.token, timestamp, nonce, ciphertext)
        node = f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt>"
        if self.mode == "compatible":
            return Signed(query, xml.replace("</xml>", f"{node}</xml>").encode())
        body = f"<xml><ToUserName><![CDATA[{OFFICIAL_ID}]]></ToUserName>{node}</xml>"
        return Signed(query, body.encode())

    async def push(self, fields: Fields) -> Pushed:
        """Posts a message, again at most twice when no answer came within 5 s, as WeChat does."""
        openid = str(fields["FromUserName"])
        if self.api:
            is_event = fields["MsgType"] == "event"
            self.api.did(openid, str(fields["Event"]).lower() if is_event else "message")
        pushed = Pushed("", 0, 0, broken=True)
        for attempt in range(1, self.attempts + 1):
            signed = self.sign(fields)
            try:
                async with _http(self.patience) as http:
                    answer = await http.post(self.url, params=signed.query, content=signed.body)
            except httpx.HTTPError:
                pushed = Pushed("", attempt, 0, broken=True)
                continue
            pushed = self._read(answer, openid, attempt)
            if answer.status_code == 200:
                break
        if self.api and (pushed.text or pushed.broken):
            shown = pushed.text or "该公众号提供的服务出现故障，请稍后再试"
            self.api.record(openid, "fault" if pushed.broken else "passive", shown)
        return pushed

    async def echo(self, echostr: str) -> httpx.Response:
        """The GET by which the platform checks the address."""
        query = {**self.sign("").query, "echostr": echostr}
        async with _http(self.patience) as http:
            return await http.get(self.url, params=query)

    def read_reply(self, body: str, openid: str) -> str:
        """The text of a passive reply. Raises ValueError for what the platform would not show."""
        reply = xmltodict.parse(body)["xml"]
        if self.mode == "encrypted" and "Encrypt" not in reply:
            raise ValueError("a plain reply in encrypted mode")
        if "Encrypt" in reply:
            signed = (self.token, reply["TimeStamp"], reply["Nonce"], reply["Encrypt"])
            if reply["MsgSignature"] != signature(*signed):
                raise ValueError("wrong MsgSignature")
            xml, appid = decrypt(reply["Encrypt"], self.aes_key)
            if appid != self.appid:
                raise ValueError("wrong appid")
            reply = xmltodict.parse(xml)["xml"]
        addressed = (reply["ToUserName"], reply["FromUserName"], reply["MsgType"])
        if addressed != (openid, OFFICIAL_ID, "text") or not reply["CreateTime"].isdigit():
            raise ValueError("not a text reply to this resident")
        content = reply["Content"] or ""
        if not 0 < len(content.encode()) <= 2048:
            raise ValueError("no text, or more than 2048 bytes")
        return content

    def _read(self, answer: httpx.Response, openid: str, attempt: int) -> Pushed:
        if answer.status_code != 200:
            return Pushed("", attempt, answer.status_code, broken=True)
        if answer.text in {"", "success"}:
            return Pushed("", attempt, 200, broken=False)
        try:
            return Pushed(self.read_reply(answer.text, openid), attempt, 200, broken=False)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the resident sees one notice
            return Pushed("", attempt, 200, broken=True)


def _http(patience: float) -> httpx.AsyncClient:
    """A connection for one delivery: the platform's come from many machines."""
    return httpx.AsyncClient(trust_env=False, verify=TLS, timeout=patience)


def _heads(openid: str, kind: str) -> Fields:
    return {
        "ToUserName": OFFICIAL_ID,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": kind,
    }


def _ordinary(openid: str, kind: str, **more: str | float) -> Fields:
    return {**_heads(openid, kind), **more, "MsgId": more.get("MsgId", next(_numbers))}


def _node(name: str, value: str | float) -> str:
    if isinstance(value, str):
        value = f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
    return f"<{name}>{value}</{name}>"


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
