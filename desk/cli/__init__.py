"""The `yingsheng` command: run the system, its parts, and the staff's work at a terminal."""

import typer

from desk.cli import system
from desk.cli.backend import backend
from desk.cli.conversations import conversation
from desk.cli.counts import counts
from desk.cli.deadlines import deadlines
from desk.cli.exchange import export_tickets, import_tickets
from desk.cli.listing import list_tickets
from desk.cli.open311 import open311_key
from desk.cli.reviews import review
from desk.cli.tickets import check_tickets, lifecycle, ticket

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="应声：居民的话变成工单，进展回到聊天。"
)
app.command()(system.run)
app.command(name="web")(system.web_command)
app.command()(system.worker)
app.command()(system.engine)
app.command()(system.train)
app.command()(system.doctor)
app.command(name="telegram-webhook")(system.telegram_webhook)
app.command()(ticket)
app.command(name="tickets")(list_tickets)
app.command()(check_tickets)
app.command()(lifecycle)
app.command()(deadlines)
app.command()(review)
app.command()(counts)
app.command()(import_tickets)
app.command()(export_tickets)
app.add_typer(conversation, name="conversation")
app.add_typer(backend, name="backend")
app.add_typer(open311_key, name="open311-key")
