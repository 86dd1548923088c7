"""GCJ-02, in which platforms in China give coordinates, and WGS-84, which the rest of the world uses.

GCJ-02 shifts a point by some hundred metres. Its formula was never published; this is the one that
the field has derived from the published offsets and uses everywhere.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt

# The Krasovsky 1940 ellipsoid: semi-major axis in metres, eccentricity squared.
_AXIS = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
# GCJ-02 equals WGS-84 outside this box: latitude, then longitude, in degrees.
_SHIFTED = ((0.8293, 55.8271), (72.004, 137.8347))
# The way back is found by trying; each round is about a thousand times nearer.
_ROUNDS = 3


def to_wgs84(latitude: float, longitude: float, datum: str | None) -> tuple[float, float]:
    """A point in degrees of `datum` (gcj02; anything else is taken for WGS-84) in WGS-84."""
    if datum != "gcj02" or not _is_shifted(latitude, longitude):
        return latitude, longitude
    north, east = latitude, longitude
    for _ in range(_ROUNDS):
        by_north, by_east = _offset(north, east)
        north, east = latitude - by_north, longitude - by_east
    return north, east


def _is_shifted(latitude: float, longitude: float) -> bool:
    (south, north), (west, east) = _SHIFTED
    return south <= latitude <= north and west <= longitude <= east


def _offset(latitude: float, longitude: float) -> tuple[float, float]:
    """How far GCJ-02 puts a WGS-84 point north and east, in degrees."""
    x, y = longitude - 105.0, latitude - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = latitude / 180.0 * pi
    bend = 1.0 - _ECCENTRICITY2 * sin(angle) ** 2
    meridian = _AXIS * (1.0 - _ECCENTRICITY2) / (bend * sqrt(bend))
    parallel = _AXIS / sqrt(bend) * cos(angle)
    return north * 180.0 / (meridian * pi), east * 180.0 / (parallel * pi)
