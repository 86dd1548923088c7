"""The resident's page, as the channel ships it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from connectors.webchat import PAGE

HEADERS = {
    # Everything comes from here; nothing is run or framed from elsewhere.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(self)",
    # Small files: asking whether they changed costs less than a resident with an old page.
    "Cache-Control": "no-cache",
}


def router() -> APIRouter:
    """`/chat` and the few files it needs."""
    routes = APIRouter()

    def serve(path: str, file: Path) -> None:
        @routes.get(path, include_in_schema=False)
        async def page() -> FileResponse:
            return FileResponse(file, headers=HEADERS)

    serve("/chat", PAGE)
    for file in sorted(PAGE.parent.iterdir()):
        if file != PAGE:
            serve(f"/chat/{file.name}", file)
    return routes
