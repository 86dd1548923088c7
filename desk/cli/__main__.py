"""`python -m desk.cli`."""

from desk.cli import app

app()
