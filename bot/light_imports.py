"""Keep libraries that the engine never runs from being loaded.

Rasa imports every learner and channel it has, whether used or not: TensorFlow alone costs some ten
seconds and 340 MB at each start. Our pipeline uses none of them. `stand_in` puts an empty stand-in in
their place, in this process only; nothing installed is changed. A stand-in can be imported,
subclassed and used as a decorator, which is all that Rasa's modules do while they load.

Call it before the first import of `rasa`.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterable, Sequence
from typing import Any

#: Learners that no component of our pipeline uses.
LEARNERS = ("tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "jax", "matplotlib")

#: SDKs of chat platforms, clouds and stores that the engine, which only listens on loopback, never
#: talks to; and the terminal prompts of `rasa` commands.
OUTSIDE_SERVICES = (
    "aiogram", "aio_pika", "boto3", "botocore", "confluent_kafka", "fbmessenger", "google",
    "mattermostwrapper", "pymongo", "prompt_toolkit", "questionary", "redis", "rocketchat_API",
    "sentry_sdk", "slack_sdk", "socketio", "twilio", "webexteamssdk",
)  # fmt: skip

#: Only training computes with these; the trained numbers are served with numpy alone.
TRAINING_ONLY = ("dask", "sklearn", "scipy", "sklearn_crfsuite", "skops", "joblib")


class _AbsentType(type):
    """Attribute access on an absent class gives another absent class."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent

    def __or__(cls, other: Any) -> Any:
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls


class Absent(metaclass=_AbsentType):
    """What every name of an absent library resolves to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accept whatever the real class would."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Work as a decorator: give the decorated object back."""
        return args[0] if len(args) == 1 and callable(args[0]) else Absent()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent()


class _AbsentModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, packages: Iterable[str]) -> None:
        self.packages = frozenset(packages)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in self.packages:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: names appear when asked for."""


def stand_in(*groups: Sequence[str]) -> None:
    """Answer imports of the named packages with stand-ins, unless already loaded for real."""
    packages = {name for group in groups for name in group if name not in sys.modules}
    sys.meta_path.insert(0, _StandInFinder(packages))
