"""How words are read: the pronunciation dictionary, notes about readings, and which reading a recording spoke."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pronunciation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("written", sa.String(length=100), nullable=False),
        sa.Column("spoken", sa.String(length=300), nullable=False),
        sa.Column("folded", sa.String(length=800), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_pronunciation_bulletin_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_pronunciation_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pronunciation")),
    )
    op.create_index("ix_pronunciation_key", "pronunciation", ["scope", "bulletin_id", "written"])
    op.create_index(op.f("ix_pronunciation_bulletin_id"), "pronunciation", ["bulletin_id"])
    op.create_table(
        "reading_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_reading_note_bulletin_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_reading_note_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_note")),
    )
    op.create_index(op.f("ix_reading_note_bulletin_id"), "reading_note", ["bulletin_id"])
    op.add_column("recording", sa.Column("guide", sa.JSON(), nullable=True))
    op.add_column("recording", sa.Column("spoken", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("recording") as table:
        table.drop_column("spoken")
        table.drop_column("guide")
    op.drop_table("reading_note")
    op.drop_table("pronunciation")
