"""Zones, devices, keys, airings and what became of them, journals, commands."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "airing",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("booking", sa.String(length=63), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stale_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("sounds", sa.JSON(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("tone", sa.Boolean(), nullable=False),
        sa.Column("in_step", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_airing")),
    )
    op.create_index(op.f("ix_airing_booking"), "airing", ["booking"], unique=False)
    op.create_index(op.f("ix_airing_ends_at"), "airing", ["ends_at"], unique=False)
    op.create_index(op.f("ix_airing_stale_at"), "airing", ["stale_at"], unique=False)
    op.create_index(op.f("ix_airing_starts_at"), "airing", ["starts_at"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_x", sa.String(length=43), nullable=True),
        sa.Column("broker_password", sa.String(length=255), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolment_hash", sa.String(length=64), nullable=True),
        sa.Column("enrolment_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("config_n", sa.Integer(), nullable=False),
        sa.Column("published_config_n", sa.Integer(), nullable=False),
        sa.Column("config_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("command_n", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("quiet_hours", sa.JSON(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("ceilings", sa.JSON(), nullable=False),
        sa.Column("emergency_volume", sa.Integer(), nullable=False),
        sa.Column("delay_ms", sa.Integer(), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("heartbeat_s", sa.Integer(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("presence", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_enrolment_hash"), "device", ["enrolment_hash"], unique=False)
    op.create_table(
        "root_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("x", sa.String(length=43), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_root_key")),
    )
    op.create_table(
        "signed_key_list",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "n", name=op.f("pk_signed_key_list")),
    )
    op.create_table(
        "signer_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("x", sa.String(length=43), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signer_key")),
    )
    op.create_table(
        "studio_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_state")),
    )
    op.create_table(
        "zone",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("parent", sa.String(length=63), nullable=True),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("plan_n", sa.Integer(), nullable=False),
        sa.Column("published_plan_n", sa.Integer(), nullable=False),
        sa.Column("plan_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("emergency_n", sa.Integer(), nullable=False),
        sa.Column("published_emergency_n", sa.Integer(), nullable=False),
        sa.Column("emergency_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("command_n", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["zone.id"], name=op.f("fk_zone_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
    )
    op.create_index(op.f("ix_zone_kind"), "zone", ["kind"], unique=False)
    op.create_index(op.f("ix_zone_parent"), "zone", ["parent"], unique=False)
    op.create_table(
        "airing_device",
        sa.Column("airing", sa.String(length=80), nullable=False),
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("playback", sa.String(32), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_error_ms", sa.Float(), nullable=True),
        sa.Column("position_s", sa.Float(), nullable=True),
        sa.Column("volume", sa.Integer(), nullable=True),
        sa.Column("clock", sa.String(32), nullable=True),
        sa.Column("clock_error_s", sa.Float(), nullable=True),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_airing_device_device")),
        sa.PrimaryKeyConstraint("airing", "device", name=op.f("pk_airing_device")),
    )
    op.create_index(op.f("ix_airing_device_device"), "airing_device", ["device"], unique=False)
    op.create_table(
        "airing_zone",
        sa.Column("airing", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["airing"], ["airing.id"], name=op.f("fk_airing_zone_airing")),
        sa.ForeignKeyConstraint(["zone"], ["zone.id"], name=op.f("fk_airing_zone_zone")),
        sa.PrimaryKeyConstraint("airing", "zone", name=op.f("pk_airing_zone")),
    )
    op.create_index(op.f("ix_airing_zone_zone"), "airing_zone", ["zone"], unique=False)
    op.create_table(
        "command",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=63), nullable=True),
        sa.Column("device", sa.String(length=63), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("airing", sa.String(length=80), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_command_by")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_command_device")),
        sa.ForeignKeyConstraint(["zone"], ["zone.id"], name=op.f("fk_command_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_index(op.f("ix_command_device"), "command", ["device"], unique=False)
    op.create_index(op.f("ix_command_zone"), "command", ["zone"], unique=False)
    op.create_table(
        "device_zone",
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("zone", sa.String(length=63), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_zone_device")),
        sa.ForeignKeyConstraint(["zone"], ["zone.id"], name=op.f("fk_device_zone_zone")),
        sa.PrimaryKeyConstraint("device", "zone", name=op.f("pk_device_zone")),
    )
    op.create_index(op.f("ix_device_zone_zone"), "device_zone", ["zone"], unique=False)
    op.create_table(
        "journal",
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("last_digest", sa.String(length=64), nullable=False),
        sa.Column("broken_at", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_journal_device")),
        sa.PrimaryKeyConstraint("device", "journal", name=op.f("pk_journal")),
    )
    op.create_table(
        "journal_record",
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_journal_record_device")),
        sa.PrimaryKeyConstraint("device", "journal", "n", name=op.f("pk_journal_record")),
    )
    op.create_table(
        "command_reply",
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["command"], ["command.id"], name=op.f("fk_command_reply_command")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_command_reply_device")),
        sa.PrimaryKeyConstraint("command", "device", name=op.f("pk_command_reply")),
    )


def downgrade() -> None:
    for table in (
        "command_reply",
        "command",
        "journal_record",
        "journal",
        "airing_device",
        "airing_zone",
        "airing",
        "device_zone",
        "device",
        "zone",
        "signed_key_list",
        "signer_key",
        "root_key",
        "studio_state",
    ):
        op.drop_table(table)
