"""What the server says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.city import City

PATH = "/open311/v2"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
# When this description of ourselves last changed.
CHANGESET = "2026-11-25T00:00:00+08:00"


@dataclass(frozen=True, slots=True)
class Site:
    """`jurisdiction`: the one jurisdiction_id that is served. `url`: where the public reaches us; when
    it is not known, the address that a client came by."""

    jurisdiction: str
    url: str = ""


def discovery(city: City, site: Site, base_url: str) -> Mapping[str, Any]:
    """The service discovery file: https://wiki.open311.org/Service_Discovery/."""
    hotline = city.profile.hotline
    return {
        "changeset": CHANGESET,
        "contact": f"{hotline.name}，电话 {hotline.number}；{city.profile.privacy.contact}",
        "key_service": f"api_key 由{city.profile.privacy.handler}发放，{city.profile.privacy.contact}",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": (site.url or base_url).rstrip("/") + PATH,
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
