"""Why a callback is turned away. Neither text repeats anything of the body."""


class Forbidden(Exception):  # noqa: N818 - named for the answer it gets
    """Not from the platform, too old, or meant for another account: answer 403."""


class Malformed(Exception):  # noqa: N818 - as above
    """Signed, but not a message this channel can read: answer 400."""
