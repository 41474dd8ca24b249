"""Run by Alembic, inside the connection and transaction that studio.db.migrate() hands over."""

from alembic import context
from sqlmodel import SQLModel

import studio.models

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()

__all__ = ["studio"]
