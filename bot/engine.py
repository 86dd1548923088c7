"""Put the parts of the served engine together. Imported by `bot.serve` after it made Rasa light."""

from __future__ import annotations

import asyncio
import logging
import time

import rasa.core.channels.channel as channels
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.server import create_app
from sanic import Sanic

from bot.action_endpoint import ActionEndpoint, prepare_once_what_rasa_prepares_each_time
from bot.channel import TurnChannel
from bot.database import Database
from bot.dialogue_store import DialogueStore
from bot.settings import Settings
from bot.turns import TurnAgent

logger = logging.getLogger("yingsheng.engine")


def build_app(settings: Settings) -> Sanic:
    """The HTTP application with the model loaded.

    Raises:
        bot.database.DatabaseUnavailable: no database answers.
        OSError, tarfile.TarError: there is no model archive at `settings.model`.

    """
    prepare_once_what_rasa_prepares_each_time()
    database = Database(settings.database_url)
    store = DialogueStore(database)
    store.prepare()
    actions = ActionEndpoint(settings.actions_url)
    agent = TurnAgent(
        generator=TemplatedNaturalLanguageGenerator({}),
        tracker_store=store,
        action_endpoint=actions,
    )
    started = time.perf_counter()
    agent.load_model(settings.model)
    logger.info("model %s loaded in %.1f s", agent.model_id, time.perf_counter() - started)

    app = create_app(agent=agent, auth_token=settings.token, cors_origins=[])
    channels.register([TurnChannel(settings.token)], app, route="/webhooks/")

    async def close(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await actions.close()
        database.close()

    app.register_listener(close, "after_server_stop")
    return app
