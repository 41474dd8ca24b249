"""How recordings are mastered, their masters, and what was heard in them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "recording", sa.Column("preset", sa.String(length=20), nullable=False, server_default="quiet")
    )
    op.add_column("recording", sa.Column("twice", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("recording", sa.Column("master_sha256", sa.String(length=64), nullable=True))
    op.create_table(
        "hearing",
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("overview", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_hearing_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_hearing")),
    )


def downgrade() -> None:
    op.drop_table("hearing")
    for column in ("master_sha256", "twice", "preset"):
        op.drop_column("recording", column)
