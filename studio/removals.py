"""What was booked for a zone or a device that goes: named beforehand, withdrawn where it is heard nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from studio import bookings, devices, zones
from studio.models.bookings import Booking
from studio.models.users import User


@dataclass(frozen=True)
class Booked:
    """The bookings of a zone with something to come, oldest first."""

    here: list[Booking]
    """Heard nowhere without this zone."""
    elsewhere: list[Booking]
    """Heard in other zones too, where they go on."""

    @property
    def warning(self) -> str:
        """What a deletion would undo, in a sentence; empty: nothing."""
        return f"Lịch phát {bookings.said(self.here)} sẽ bị hủy." if self.here else ""


def booked(session: Session, zone: str, *, now: datetime) -> Booked:
    """What is still to come in this zone."""
    found = bookings.to_come_in(session, zone, now=now)
    where = bookings.zones_of(session, [booking.id for booking in found])
    others = {
        booking.id
        for booking in found
        if any(each.deleted_at is None and each.id != zone for each in where[booking.id])
    }
    return Booked(
        here=[booking for booking in found if booking.id not in others],
        elsewhere=[booking for booking in found if booking.id in others],
    )


def remove_zone(session: Session, zone: str, *, by: User, now: datetime) -> list[Booking]:
    """Delete a zone and withdraw what was booked for it alone, which is returned. Raises NotFound, Conflict.

    Left as they are, such bookings would be listed as running for ever and be heard nowhere.
    """
    lost = _withdraw_here(session, zone, by=by, now=now)
    zones.remove(session, zone, now=now)
    return lost


def remove_device(session: Session, device: str, *, by: User, now: datetime) -> list[Booking]:
    """Delete a device and withdraw what was booked for it alone, which is returned. Raises NotFound."""
    lost = _withdraw_here(session, device, by=by, now=now)
    devices.remove(session, device, now=now)
    return lost


def _withdraw_here(session: Session, zone: str, *, by: User, now: datetime) -> list[Booking]:
    """To be done before the zone is touched: planning first locks out other planners."""
    lost = booked(session, zone, now=now).here
    for booking in lost:
        bookings.withdraw(session, booking.id, by=by, now=now)
    return lost
