"""Why a call is turned away. No text repeats anything of the body."""


class Forbidden(Exception):
    """Not from Telegram: answer 403."""


class Malformed(Exception):
    """From Telegram, but not an update this channel can read: answer 400."""


class SetupError(Exception):
    """Telegram refused a setting; the text says why, in Chinese, for the administrator."""
