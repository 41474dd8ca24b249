"""Tables, and nothing else. Every module of tables is imported here, so that Alembic sees them all."""

from studio.models import (
    airings,
    bookings,
    bulletins,
    commands,
    journals,
    keys,
    places,
    readings,
    recordings,
    users,
)

__all__ = [
    "airings",
    "bookings",
    "bulletins",
    "commands",
    "journals",
    "keys",
    "places",
    "readings",
    "recordings",
    "users",
]
