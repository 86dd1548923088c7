"""Residents' matters: numbers, the lifecycle, and the timeline of every ticket."""

from desk.tickets.handling import Actor, TicketError, act
from desk.tickets.lookup import ticket_of, tickets_of, timeline
from desk.tickets.number import parse_ticket_number, ticket_number
from desk.tickets.opening import Matter, open_external, open_ticket

__all__ = [
    "Actor",
    "Matter",
    "TicketError",
    "act",
    "open_external",
    "open_ticket",
    "parse_ticket_number",
    "ticket_number",
    "ticket_of",
    "tickets_of",
    "timeline",
]
