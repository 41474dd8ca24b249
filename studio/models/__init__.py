"""Tables, and nothing else. Every module of tables is imported here, so that Alembic sees them all."""

from studio.models import airings, bulletins, commands, journals, keys, places, recordings, users

__all__ = ["airings", "bulletins", "commands", "journals", "keys", "places", "recordings", "users"]
