"""An encoder of the city's own, as a second opinion. The one here is made on the spot and knows little."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import Encoder, EncoderOpinion, blend
from bot.project import Project, ProjectImporter

LIBRARIES = "the encoder's libraries are not installed: uv sync --project bot --group encoder"
TEXTS = {"help": "求求帮忙", "complaint": "投诉物业", "consultation": "请问怎么"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`model.onnx`, which looks a vector up for each token, and `tokenizer.json`, characters to numbers."""
    pytest.importorskip("onnxruntime", reason=LIBRARIES)
    pytest.importorskip("tokenizers", reason=LIBRARIES)
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    characters = sorted(set("".join(TEXTS.values())))
    vocabulary = {name: i for i, name in enumerate(["[PAD]", "[UNK]", *characters])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "model.onnx").write_bytes(lookup_model(np.eye(len(vocabulary), dtype=np.float32)))
    return tmp_path


def lookup_model(table: np.ndarray) -> bytes:
    """An ONNX model that gives the row of `table` for each of `input_ids`, in ONNX's wire format
    (onnx.proto3: `ModelProto` and what it holds)."""
    whole, number = 7, 1  # TensorProto.DataType INT64, FLOAT
    tensor = (
        b"".join(field(1, size) for size in table.shape)
        + field(2, number)
        + field(8, b"table")
        + field(9, table.tobytes())
    )
    node = field(1, b"table") + field(1, b"input_ids") + field(2, b"hidden") + field(4, b"Gather")
    graph = (
        field(1, node)
        + field(2, b"lookup")
        + field(5, tensor)
        + field(11, value(b"input_ids", whole, b"texts", b"tokens"))
        + field(12, value(b"hidden", number, b"texts", b"tokens", table.shape[1]))
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))  # IR version, opset


def value(name: bytes, kind: int, *sizes: bytes | int) -> bytes:
    """A `ValueInfoProto`; a size by name is any."""
    shape = b"".join(field(1, field(2 if isinstance(one, bytes) else 1, one)) for one in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def field(key: int, content: bytes | int) -> bytes:
    """A field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(content, int):
        return varint(key << 3) + varint(content)
    return varint(key << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def trained(folder: Path | None, tmp_path: Path) -> EncoderOpinion:
    """A component that learned `TEXTS`, stored and loaded again."""
    (tmp_path / "storage").mkdir(exist_ok=True)
    storage, resource = LocalModelStorage(tmp_path / "storage"), Resource("encoder")
    config = {"folder": str(folder)} if folder else {}
    context: Any = SimpleNamespace()
    examples = [Message.build(text, intent=intent) for intent, text in TEXTS.items()] * 5
    EncoderOpinion.create(config, storage, resource, context).train(TrainingData(examples))
    return EncoderOpinion.load(config, storage, resource, context)


def ranked(text: str) -> Message:
    message = Message({"text": text})
    names = ("consultation", "complaint", "help", "greet")
    ranking = [
        {"name": n, "confidence": c} for n, c in zip(names, (0.3, 0.25, 0.25, 0.2), strict=True)
    ]
    message.set("intent_ranking", ranking)
    message.set("intent", dict(ranking[0]))
    return message


def test_a_short_text_is_the_same_alone_and_beside_a_long_one(folder: Path) -> None:
    encoder = Encoder(folder)
    alone, beside = encoder.embed(["帮忙"]), encoder.embed(["帮忙", "投诉物业请问怎么" * 9])
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-6)
    assert np.linalg.norm(alone[0]) == pytest.approx(1)


@pytest.mark.parametrize(("intent", "text"), TEXTS.items())
def test_its_opinion_decides_between_types_that_are_close(
    folder: Path, tmp_path: Path, intent: str, text: str
) -> None:
    (message,) = trained(folder, tmp_path).process([ranked(text)])
    assert message.get("intent")["name"] == intent
    assert message.get("intent_ranking")[0] == message.get("intent")


def test_it_has_no_say_in_whether_a_message_is_a_request() -> None:
    ranking = [{"name": "greet", "confidence": 0.6}, {"name": "help", "confidence": 0.4}]
    assert blend(ranking, {"help": 1.0}) == ranking


def test_without_an_encoder_nothing_changes(tmp_path: Path) -> None:
    (message,) = trained(None, tmp_path).process([ranked("求求帮忙")])
    assert message.get("intent_ranking") == ranked("求求帮忙").get("intent_ranking")


def test_an_encoder_that_went_away_leaves_the_model_usable(folder: Path, tmp_path: Path) -> None:
    trained(folder, tmp_path)
    (folder / "model.onnx").unlink()
    storage, context = LocalModelStorage(tmp_path / "storage"), SimpleNamespace()
    config = {"folder": str(folder)}
    loaded = EncoderOpinion.load(config, storage, Resource("encoder"), context)  # type: ignore[arg-type]
    (message,) = loaded.process([ranked("求求帮忙")])
    assert message.get("intent")["name"] == "consultation"


def test_a_folder_without_an_encoder_is_named_when_training(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="/nowhere/encoder"):
        trained(Path("/nowhere/encoder"), tmp_path)


def test_the_setting_reaches_the_component_and_names_another_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Project().fingerprint()
    monkeypatch.setenv("YINGSHENG_ENCODER_DIR", str(tmp_path))
    pipeline = ProjectImporter(Project()).get_config()["pipeline"]
    (component,) = (one for one in pipeline if one["name"] == "bot.nlu.encoder.EncoderOpinion")
    assert component["folder"] == str(tmp_path)
    assert Project().fingerprint() != before
