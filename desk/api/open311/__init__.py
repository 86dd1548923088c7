"""Our own Open311 server: GeoReport v2 at `/open311/v2` (https://wiki.open311.org/GeoReport_v2/)."""

from desk.api.open311.rendering import Open311Error
from desk.api.open311.routes import handle, router
from desk.api.open311.site import Site

__all__ = ["Open311Error", "Site", "handle", "router"]
