"""What the broker is to hold: built from rows, signed, believed by a device, and said again when the broker forgot."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from edge_agent.wire import topics
from edge_agent.wire.documents import Config, Plan
from edge_agent.wire.signing import signed_by
from edge_agent.wire.simulated import SimulatedBroker, SimulatedLink
from edge_agent.wire.words import Priority, Revision, airing_id
from scheduler.publisher import Behind, Tick, publish_behind
from studio import devices, farewells, keys, outbox, zones
from studio.devices import ConfigChange
from studio.models.airings import Airing, AiringZone
from studio.models.keys import SignerKey
from studio.models.places import Zone
from studio.outbox import DatabaseOutbox
from studio.sounds import Sounds
from tests.support.places import commune

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


class World:
    """A commune, its outbox, and a simulated broker."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.clock = Clock()
        self.place = commune(engine, folder / "keys", now=NOW, devices_in={"loa-1": "ap-1", "loa-2": "ap-2"})
        self.sounds = Sounds(folder / "sounds")
        self.outbox = DatabaseOutbox(
            engine,
            keys_directory=self.place.directory,
            sounds=self.sounds,
            sounds_url="http://loa.test/sounds",
            now=self.clock,
        )
        self.broker = SimulatedBroker()
        self.link = SimulatedLink(self.broker)
        self.link.open()

    def publish(self) -> Tick:
        return publish_behind(self.outbox, self.link)

    def held(self, topic: str) -> Plan | Config:
        document = self.place.open(topic, self.broker.retained[topic], now=self.clock())
        assert isinstance(document, Plan | Config)
        return document

    def plan(self, zone: str) -> Plan:
        document = self.held(topics.plan(zone))
        assert isinstance(document, Plan)
        return document

    def emergency(self, zone: str) -> Plan:
        document = self.held(topics.emergency(zone))
        assert isinstance(document, Plan)
        return document

    def config(self, device: str) -> Config:
        document = self.held(topics.device(device, "config"))
        assert isinstance(document, Config)
        return document

    def air(
        self,
        *in_zones: str,
        at: datetime = NOW + timedelta(hours=1),
        priority: Priority = Priority.ORDINARY,
        sound: bytes = b"OggS",
    ) -> str:
        """Write an airing as planning does, and return its id."""
        sha256 = self.sounds.put(sound)
        name = airing_id("baaaaaaaaaa", at)
        with self.place.session() as session:
            session.add(
                Airing(
                    id=name,
                    booking="baaaaaaaaaa",
                    starts_at=at,
                    stale_at=at + timedelta(minutes=30),
                    ends_at=at + timedelta(seconds=10),
                    priority=priority,
                    title="Bản tin",
                    seconds=10.0,
                    sounds=[{"sha256": sha256, "size": len(sound), "seconds": 10.0}],
                    created_at=NOW,
                )
            )
            session.flush()
            session.add_all(AiringZone(airing=name, zone=zone) for zone in in_zones)
            urgent = priority is Priority.EMERGENCY
            (zones.raise_emergencies if urgent else zones.raise_plans)(session, in_zones)
        return name


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path)


def test_a_new_commune_is_told_once(world: World) -> None:
    assert world.publish() == Tick(told=7), "five plans, two configs"
    assert world.publish() == Tick()
    assert world.plan("ap-1").airings == ()
    told = world.config("loa-1")
    assert told.zones == ("ap-1", "loa-1", "xa-tan-lap")
    assert told.commune == "xa-tan-lap"
    assert told.sounds_url == "http://loa.test/sounds"


def test_an_airing_stands_in_the_plan_of_its_zones_only(world: World) -> None:
    name = world.air("ap-1")
    world.publish()
    assert [a.id for a in world.plan("ap-1").airings] == [name]
    assert world.plan("ap-2").airings == ()


def test_what_is_withdrawn_stopped_or_stale_stands_in_no_plan(world: World) -> None:
    names = [world.air("ap-1", at=NOW + timedelta(hours=n)) for n in range(1, 5)]
    with world.place.session() as session:
        session.get_one(Airing, names[0]).withdrawn_at = NOW
        session.get_one(Airing, names[1]).stopped_at = NOW
    world.clock.at = NOW + timedelta(hours=3, minutes=29)
    world.publish()
    assert [a.id for a in world.plan("ap-1").airings] == names[2:], "what sounds now stays until it is stale"


def test_a_change_while_publishing_is_published_next(world: World) -> None:
    world.publish()
    with world.place.session() as session:
        devices.change(session, "loa-1", ConfigChange(volume=70))
    (behind,) = world.outbox.behind()
    world.outbox.payload(behind)
    with world.place.session() as session:
        devices.change(session, "loa-1", ConfigChange(volume=60))
    world.outbox.told([behind])
    assert world.publish() == Tick(told=1)
    assert world.config("loa-1").volume == 60


def test_an_emergency_brings_its_sound_along_and_goes_first(world: World) -> None:
    world.publish()
    world.air("ap-1")
    name = world.air("ap-1", at=NOW, priority=Priority.EMERGENCY, sound=b"OggS khan cap".ljust(40_000))
    assert [b.topic for b in world.outbox.behind()] == [topics.emergency("ap-1"), topics.plan("ap-1")]
    world.publish()
    (urgent,) = world.emergency("ap-1").airings
    assert urgent.id == name
    assert urgent.sounds[0].inline == b"OggS khan cap".ljust(40_000)
    assert name not in {a.id for a in world.plan("ap-1").airings}


def test_a_long_emergency_is_fetched(world: World) -> None:
    world.air("ap-1", at=NOW, priority=Priority.EMERGENCY, sound=b"x" * 41_000)
    world.publish()
    assert world.emergency("ap-1").airings[0].sounds[0].inline is None


def test_an_emergency_that_is_over_leaves_an_empty_plan(world: World) -> None:
    world.air("ap-1", at=NOW, priority=Priority.EMERGENCY)
    world.publish()
    with world.place.session() as session:
        assert outbox.sign_again(session, world.clock()) == frozenset()
    world.clock.at += timedelta(minutes=31)
    for expected in ({"ap-1"}, set()):
        with world.place.session() as session:
            assert outbox.sign_again(session, world.clock()) == expected
        world.publish()
        assert world.emergency("ap-1").airings == ()


def test_emergency_plans_are_signed_anew_each_day(world: World) -> None:
    world.air("ap-1", at=NOW, priority=Priority.EMERGENCY)
    world.publish()
    before = world.emergency("ap-1").revision
    for _ in range(2):
        world.clock.at += timedelta(hours=24)
        with world.place.session() as session:
            outbox.sign_again(session, world.clock())
        world.publish()
    after = world.emergency("ap-1")
    assert after.revision > before
    assert after.issued_at == world.clock()


def test_configs_are_signed_anew_each_day_so_that_an_old_one_shows_a_frozen_broker(world: World) -> None:
    world.publish()
    before = world.config("loa-1")
    for _ in range(2):
        world.clock.at += timedelta(hours=24)
        with world.place.session() as session:
            assert outbox.sign_configs_again(session, world.clock()) == 2
            assert outbox.sign_configs_again(session, world.clock()) == 0, "what waits is not raised again"
        world.publish()
        with world.place.session() as session:
            assert outbox.sign_configs_again(session, world.clock()) == 0
    after = world.config("loa-1")
    assert after.revision > before.revision
    assert after.issued_at == world.clock()
    assert after.model_copy(update={"revision": before.revision, "issued_at": before.issued_at}) == before


def test_only_who_can_read_a_config_gets_it_signed_anew(world: World) -> None:
    with world.place.session() as session:
        devices.create(session, name="Chưa có hộp", now=NOW)
        devices.remove(session, "loa-2", now=NOW)
        farewells.end(session, ["loa-2"])
    world.publish()
    world.clock.at += timedelta(hours=24)
    with world.place.session() as session:
        assert outbox.sign_configs_again(session, world.clock()) == 1
    world.publish()
    assert world.config("loa-1").issued_at == world.clock()


def test_a_wiped_broker_is_told_everything_again(world: World) -> None:
    world.air("ap-1")
    world.publish()
    before = dict(world.broker.retained)
    world.broker.wipe()
    world.outbox.broker_came_back()
    assert world.publish() == Tick(told=7)
    assert world.broker.retained.keys() == before.keys()


def test_an_acknowledgement_of_the_broker_before_does_not_count(world: World) -> None:
    behind = world.outbox.behind()
    world.outbox.broker_came_back()
    world.outbox.told(behind)
    assert len(world.outbox.behind()) == len(behind)


def test_a_deleted_zone_is_told_empty_plans(world: World) -> None:
    world.air("ap-1")
    world.air("ap-1", at=NOW, priority=Priority.EMERGENCY)
    world.publish()
    with world.place.session() as session:
        zones.remove(session, "ap-1", now=NOW)
    world.publish()
    assert world.plan("ap-1").airings == world.emergency("ap-1").airings == ()
    assert "ap-1" not in world.config("loa-1").zones


def test_a_deleted_device_is_told_to_hear_nothing(world: World) -> None:
    world.publish()
    with world.place.session() as session:
        devices.remove(session, "loa-1", now=NOW)
    world.publish()
    assert world.config("loa-1").zones == ()


def test_mutes_and_keys_travel_with_the_config(world: World) -> None:
    with world.place.session() as session:
        devices.mute(session, "loa-1", reason="loa hú", now=NOW)
        keys.renew_key_list(session, world.place.directory, root=world.place.root.private, now=NOW)
    world.publish()
    told = world.config("loa-1")
    assert [m.reason for m in told.muted] == ["loa hú"]
    assert told.keys == world.place.seal.key_list


def test_what_a_revoked_key_has_signed_is_told_again_by_the_new_one(world: World) -> None:
    name = world.air("ap-1", at=NOW, priority=Priority.EMERGENCY)
    world.publish()
    with world.place.session() as session:
        revoked = session.exec(select(SignerKey.kid)).one()
        keys.renew_key_list(
            session,
            world.place.directory,
            root=world.place.root.private,
            now=NOW,
            new_signer=True,
            revoke=[revoked],
        )
    world.publish()
    for topic, payload in world.broker.retained.items():
        assert signed_by(payload) != revoked, f"a newcomer could not believe {topic}"
    assert [a.id for a in world.emergency("ap-1").airings] == [name]
    assert world.plan("ap-2").revision == Revision(1, 2), "or a box that holds the old one would not know"


def test_after_a_restored_backup_everything_comes_in_a_higher_epoch(world: World) -> None:
    world.publish()
    with world.place.session() as session:
        keys.raise_epoch(session)
    assert world.publish() == Tick(told=7)
    assert world.plan("ap-1").revision == Revision(2, 1)


def test_a_zone_that_cannot_be_built_holds_back_nobody(world: World) -> None:
    with world.place.session() as session:
        session.get_one(Zone, "ap-1").muted = [{"begins_at": "hôm qua"}]
    tick = world.publish()
    assert (tick.told, tick.bad) == (6, (topics.plan("ap-1"),))
    assert world.outbox.behind() == [Behind(topics.plan("ap-1"), 1)]
