"""Tables, and nothing else. Every module of tables is imported here, so that Alembic sees them all."""

from studio.models import bulletins, recordings, users

__all__ = ["bulletins", "recordings", "users"]
