"""A month of a commune's work for pages to show: bulletins, bookings, airings, and what every device told of them."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from edge_agent.wire.documents import Sound
from edge_agent.wire.words import ClockTrust, Playback, airing_id
from scheduler.rules import Repeats, Rule
from studio.bench.commune import COMMUNE, NOW, insert_all
from studio.models.airings import Airing, AiringDevice, AiringZone
from studio.models.bookings import Booking, BookingSound, BookingZone
from studio.models.bulletins import Bulletin, BulletinState, Decision, Revision, Verdict
from studio.models.recordings import Recording, RecordingState

AHEAD_DAYS = 14
"""How far plans reach."""
BULLETINS_A_DAY = 4
WEEK = timedelta(days=7)
SLOTS = ("22:00", "23:30", "04:00", "04:45", "10:00", "11:00")
"""Daily airings, UTC; the first three for the whole commune, the others for a few hamlets each."""
EVERYWHERE = 3
TITLE = "Hỏi đáp pháp luật: mức phạt nồng độ cồn khi lái xe"
PARAGRAPH = (
    "Theo Nghị định số 168/2024/NĐ-CP ngày 26/12/2024 của Chính phủ, người điều khiển xe mô tô mà trong máu hoặc "
    "hơi thở có nồng độ cồn vượt quá 80 mg/100 ml máu bị phạt tiền từ 8.000.000 đồng đến 10.000.000 đồng. UBND xã "
    "đề nghị bà con đã uống rượu, bia thì không lái xe; mọi ý kiến xin gửi về số 0290.3831.234 trước 17h00 hằng ngày.\n"
)
PARAGRAPHS = 6
OUTCOMES: Sequence[tuple[Playback | None, str]] = (
    *[(Playback.FINISHED, "")] * 92,
    *[(Playback.PARTIAL, "power_cut")] * 2,
    *[(Playback.SKIPPED, "quiet_hours")] * 2,
    (Playback.FAILED, "player"),
    *[(None, "")] * 3,
)
"""Of a hundred devices so many end so."""


def fill(
    session: Session, *, devices: Sequence[str], hamlets: Sequence[str], author: int, days: int, seed: int
) -> str:
    """Write `days` days of it up to NOW, and what is planned after; returns an airing that the whole commune has had.

    `devices` stand in `hamlets` as commune.settle put them; `author` is the user who wrote and booked it all.
    """
    chance = random.Random(seed)  # noqa: S311  nothing secret
    sounds = _bulletins(session, author, BULLETINS_A_DAY * days, chance)
    heard: list[Airing] = []
    for booking, zones in _bookings(author, hamlets, days, chance):
        sound = chance.choice(sounds)
        session.add(booking)
        session.flush()
        session.add(
            BookingSound(
                booking=booking.id, position=0, **sound.model_dump(include={"sha256", "size", "seconds"})
            )
        )
        session.add_all(BookingZone(booking=booking.id, zone=zone) for zone in zones)
        airings = list(_airings(booking, sound))
        session.add_all(airings)
        session.flush()
        session.add_all(AiringZone(airing=each.id, zone=zone) for each in airings for zone in zones)
        members = _members(devices, hamlets, zones)
        for airing in airings:
            if airing.expected_at is not None:
                _told(session, airing, members, chance)
                heard += [airing] if COMMUNE in zones else []
    session.flush()
    return max(heard, key=lambda each: each.starts_at).id


def _bulletins(session: Session, author: int, count: int, chance: random.Random) -> list[Sound]:
    """The newest few still wait or are being written; the others are approved."""
    sounds = []
    for n in range(count):
        at = NOW - timedelta(days=(count - 1 - n) / BULLETINS_A_DAY, hours=1)
        left = count - n
        state = (
            BulletinState.DRAFT
            if left <= 3
            else BulletinState.WAITING
            if left <= 8
            else BulletinState.APPROVED
        )
        sound = Sound(sha256=f"{n:064x}", size=400_000 + n, seconds=float(chance.randint(60, 240)))
        approved = state is BulletinState.APPROVED
        row = Bulletin(
            title=f"{TITLE} ({n + 1})",
            state=state,
            revision=1 + n % 3,
            approved_sha256=sound.sha256 if approved else None,
            created_by=author,
            created_at=at,
            changed_at=at,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add_all(_revisions(row, row.id, author))
        if state is not BulletinState.DRAFT:
            session.add_all([_recording(row, row.id, author, sound), *_decisions(row, row.id, author, sound)])
        sounds += [sound] if approved else []
    session.flush()
    return sounds or [Sound(sha256="0" * 64, size=400_000, seconds=60.0)]


def _revisions(row: Bulletin, of: int, author: int) -> Iterator[Revision]:
    for number in range(1, row.revision + 1):
        yield Revision(
            bulletin_id=of,
            number=number,
            title=row.title,
            text=PARAGRAPH * PARAGRAPHS,
            author_id=author,
            written_at=row.created_at,
        )


def _recording(row: Bulletin, of: int, author: int, sound: Sound) -> Recording:
    return Recording(
        bulletin_id=of,
        revision=row.revision,
        engine="espeak",
        state=RecordingState.DONE,
        sha256=sound.sha256,
        seconds=sound.seconds,
        size_bytes=sound.size,
        lufs=-16.0,
        peak_dbtp=-1.4,
        asked_by=author,
        asked_at=row.created_at,
        ended_at=row.created_at,
    )


def _decisions(row: Bulletin, of: int, author: int, sound: Sound) -> Iterator[Decision]:
    verdicts = [Verdict.SENT, *([Verdict.APPROVED] if row.state is BulletinState.APPROVED else [])]
    for verdict in verdicts:
        yield Decision(
            bulletin_id=of,
            revision=row.revision,
            verdict=verdict,
            by=author,
            at=row.created_at,
            sha256=sound.sha256,
        )


def _bookings(
    author: int, hamlets: Sequence[str], days: int, chance: random.Random
) -> Iterator[tuple[Booking, list[str]]]:
    """A booking a slot and week, from `days` ago to as far as plans reach."""
    first = NOW - timedelta(days=days)
    week = 0
    while (begins := first + week * WEEK) < NOW + timedelta(days=AHEAD_DAYS):
        for slot, at in enumerate(SLOTS):
            zones = [COMMUNE] if slot < EVERYWHERE else sorted(chance.sample(hamlets, min(8, len(hamlets))))
            rule = Rule(
                repeats=Repeats.DAILY,
                first_day=begins.date(),
                last_day=(begins + timedelta(days=6)).date(),
                at=(datetime.strptime(at, "%H:%M").time(),),  # noqa: DTZ007  a time of day
                time_zone="UTC",
            )
            yield (
                Booking(
                    id=f"b{week:05d}{slot:05d}",
                    title=f"{TITLE} ({week}.{slot})",
                    rule=rule.model_dump(mode="json"),
                    over_at=begins + WEEK,
                    created_by=author,
                    created_at=begins - timedelta(days=1),
                ),
                zones,
            )
        week += 1


def _airings(booking: Booking, sound: Sound) -> Iterator[Airing]:
    rule = Rule.model_validate(booking.rule)
    for day in range(7):
        start = datetime.combine(rule.first_day + timedelta(days=day), rule.at[0], NOW.tzinfo)
        if start >= NOW + timedelta(days=AHEAD_DAYS):
            return
        ends = start + timedelta(seconds=sound.seconds)
        yield Airing(
            id=airing_id(booking.id, start),
            booking=booking.id,
            starts_at=start,
            stale_at=ends + timedelta(minutes=30),
            ends_at=ends,
            title=booking.title,
            seconds=sound.seconds,
            sounds=[sound.model_dump(mode="json", exclude={"inline"})],
            created_at=booking.created_at,
            expected_at=start if start <= NOW else None,
        )


def _members(devices: Sequence[str], hamlets: Sequence[str], zones: Sequence[str]) -> list[str]:
    if COMMUNE in zones:
        return list(devices)
    return [device for n, device in enumerate(devices) if hamlets[n % len(hamlets)] in zones]


def _told(session: Session, airing: Airing, members: Sequence[str], chance: random.Random) -> None:
    like = AiringDevice(airing=airing.id, device="", told_at=airing.ends_at, at=airing.ends_at)
    like.started_at, like.volume, like.clock = airing.starts_at, 80, ClockTrust.TRUSTED
    rows = []
    for device in members:
        playback, reason = chance.choice(OUTCOMES)
        rows.append(
            {"device": device, "playback": playback, "reason": reason, "start_error_ms": chance.gauss(15, 5)}
        )
    if rows:
        insert_all(session, like, rows)
