"""Dates as PHP writes them: its own date() is the judge."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import UTC, datetime

from sidecar.display import dates

SCRIPT = """
$out = array();
foreach ( json_decode( stream_get_contents( STDIN ), true ) as list( $pattern, $at, $zone ) ) {
    $moment = new DateTimeImmutable( '@' . $at );
    $out[] = $moment->setTimezone( new DateTimeZone( $zone ) )->format( $pattern );
}
echo json_encode( $out );
"""
LETTERS = "dDjlNSwzWFmMntLoYyaAgGhHisIOPpUcr"
PATTERNS = [*LETTERS, "F j, Y g:i a", "Y-m-d\\TH:i:s", "\\t\\h\\e jS", "d.m.Y", "q"]
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "+05:30", "-03:00"]


def test_every_letter_is_written_as_php_writes_it() -> None:
    dice = random.Random(7)
    moments = [0, 951782400, 1583020799, *(dice.randrange(0, 4_000_000_000) for _ in range(20))]
    cases = [(pattern, at, zone) for pattern in PATTERNS for at in moments for zone in ZONES]
    result = subprocess.run(
        ["php", "-r", SCRIPT], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    for (pattern, at, zone), expected in zip(cases, json.loads(result.stdout), strict=True):
        place = dates.site_timezone("" if zone[0] in "+-" else zone, _hours(zone))
        moment = datetime.fromtimestamp(at, UTC).astimezone(place)
        assert dates.date(pattern, moment) == expected, (pattern, at, zone)


def test_a_site_without_a_named_zone_uses_its_offset() -> None:
    assert dates.date("P", datetime(2026, 1, 1, tzinfo=dates.site_timezone("", "5.5"))) == "+05:30"
    assert dates.date("P", datetime(2026, 1, 1, tzinfo=dates.site_timezone("No/Where", "-3"))) == "-03:00"


def test_the_zero_date_is_no_date() -> None:
    assert dates.from_mysql("0000-00-00 00:00:00") is None


def _hours(zone: str) -> str:
    if zone[0] not in "+-":
        return "0"
    hours, minutes = zone[1:].split(":")
    return f"{zone[0]}{int(hours) + int(minutes) / 60}"
