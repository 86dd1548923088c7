"""Why a callback is turned away. Neither text repeats anything of the body."""


class Forbidden(Exception):
    """Not from the platform, too old, or meant for another account: answer 403."""


class Malformed(Exception):
    """Signed, but not a message this channel can read: answer 400."""
