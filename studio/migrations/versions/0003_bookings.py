"""Bookings, their sounds and zones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=True),
        sa.Column("priority", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("tone", sa.Boolean(), nullable=False),
        sa.Column("in_step", sa.Boolean(), nullable=False),
        sa.Column("stale_after_s", sa.Integer(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recording_id", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("replay_of", sa.String(length=80), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_booking_recording_id")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_booking_created_by")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["user_account.id"], name=op.f("fk_booking_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    for column in ("kind", "over_at", "recording_id", "created_at"):
        op.create_index(op.f(f"ix_booking_{column}"), "booking", [column], unique=False)
    op.create_table(
        "booking_sound",
        sa.Column("booking", sa.String(length=63), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name=op.f("fk_booking_sound_booking")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_booking_sound_bulletin_id")),
        sa.PrimaryKeyConstraint("booking", "position", name=op.f("pk_booking_sound")),
    )
    op.create_index(op.f("ix_booking_sound_bulletin_id"), "booking_sound", ["bulletin_id"], unique=False)
    op.create_table(
        "booking_zone",
        sa.Column("booking", sa.String(length=63), nullable=False),
        sa.Column("zone", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name=op.f("fk_booking_zone_booking")),
        sa.ForeignKeyConstraint(["zone"], ["zone.id"], name=op.f("fk_booking_zone_zone")),
        sa.PrimaryKeyConstraint("booking", "zone", name=op.f("pk_booking_zone")),
    )
    op.create_index(op.f("ix_booking_zone_zone"), "booking_zone", ["zone"], unique=False)


def downgrade() -> None:
    for table in ("booking_zone", "booking_sound", "booking"):
        op.drop_table(table)
