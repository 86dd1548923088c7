"""What a step on a ticket may be refused with."""


class TicketError(Exception):
    """The step cannot be made; the message, in Chinese, says why."""
