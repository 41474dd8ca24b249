"""Only what our studio has signed is believed, and only where it belongs."""

import base64
import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from edge_agent.wire import topics
from edge_agent.wire.accounts import Hello
from edge_agent.wire.documents import Config, KeyList, Plan, Signer
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.signing import (
    MAX_BYTES,
    Keyring,
    keys_inside,
    kid,
    new_key,
    open_from_device,
    private_key,
    private_text,
    public_key,
    public_x,
    sign,
)
from edge_agent.wire.words import Revision

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
ROOT, SIGNER, STRANGER = new_key(), new_key(), new_key()


def signer(key: OKPKey = SIGNER, **more: object) -> Signer:
    fields: dict[str, object] = {"kid": kid(key), "x": public_x(key), "zones": ("*",), "devices": ("*",)}
    return Signer.model_validate(fields | more)


def key_list(*signers: Signer, n: int = 1, revoked: tuple[str, ...] = ()) -> KeyList:
    return KeyList(kind="keys", revision=Revision(1, n), issued_at=NOW, signers=signers, revoked=revoked)


def ring(*signers: Signer) -> Keyring:
    return Keyring.pinned([public_x(ROOT)]).adopt(sign(key_list(*(signers or (signer(),))), ROOT))


def plan(zone: str = "ap-3", n: int = 1) -> Plan:
    return Plan(
        kind="plan",
        zone=zone,
        revision=Revision(1, n),
        issued_at=NOW,
        begins_at=NOW,
        ends_at=NOW + timedelta(14),
    )


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(WireError) as caught:
        act()
    return caught.value.refusal


def test_what_our_signer_signed_is_believed() -> None:
    assert ring().open(topics.plan("ap-3"), sign(plan(), SIGNER), now=NOW) == plan()


def test_a_stranger_is_not_believed() -> None:
    assert (
        refusal(lambda: ring().open(topics.plan("ap-3"), sign(plan(), STRANGER), now=NOW))
        == Refusal.UNKNOWN_KEY
    )


def test_before_any_key_list_nobody_is_believed_not_even_the_root() -> None:
    bare = Keyring.pinned([public_x(ROOT)])
    for text in (sign(plan(), SIGNER), sign(plan(), ROOT)):
        assert refusal(partial(bare.open, topics.plan("ap-3"), text, now=NOW)) == Refusal.UNKNOWN_KEY


def test_a_good_name_over_a_strangers_signature_is_refused() -> None:
    header = {"alg": "Ed25519", "kid": kid(SIGNER)}
    forged = jws.serialize_compact(header, plan().wire_json(), STRANGER, algorithms=["Ed25519"]).encode()
    assert refusal(lambda: ring().open(topics.plan("ap-3"), forged, now=NOW)) == Refusal.BAD_SIGNATURE


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_an_algorithm_of_the_attackers_choice_is_refused(alg: str) -> None:
    # The classic: a MAC whose key is our public key, or no signature at all.
    key = OctKey.import_key(public_x(SIGNER) * 2)
    with warnings.catch_warnings(action="ignore"):  # the library warns the attacker too
        forged = jws.serialize_compact(
            {"alg": alg, "kid": kid(SIGNER)}, plan().wire_json(), key, algorithms=["none", "HS256"]
        ).encode()
    assert refusal(lambda: ring().open(topics.plan("ap-3"), forged, now=NOW)) == Refusal.BAD_SIGNATURE


def test_a_plan_on_another_zones_topic_is_refused() -> None:
    assert (
        refusal(lambda: ring().open(topics.plan("ap-4"), sign(plan(), SIGNER), now=NOW)) == Refusal.MISPLACED
    )
    assert (
        refusal(lambda: ring().open(topics.emergency("ap-3"), sign(plan(), SIGNER), now=NOW))
        == Refusal.MISPLACED
    )


def test_a_signer_speaks_only_to_its_own_zones() -> None:
    narrow = ring(signer(zones=("ap-3",), devices=()))
    assert narrow.open(topics.plan("ap-3"), sign(plan("ap-3"), SIGNER), now=NOW) == plan("ap-3")
    outside = sign(plan("ap-4"), SIGNER)
    assert refusal(lambda: narrow.open(topics.plan("ap-4"), outside, now=NOW)) == Refusal.OUT_OF_SCOPE


def test_a_signer_past_its_last_day_is_refused_once_the_time_is_known() -> None:
    old = ring(signer(until=NOW))
    text = sign(plan(), SIGNER)
    assert old.open(topics.plan("ap-3"), text, now=NOW - timedelta(seconds=1)) == plan()
    assert old.open(topics.plan("ap-3"), text, now=None) == plan()
    assert refusal(lambda: old.open(topics.plan("ap-3"), text, now=NOW)) == Refusal.REVOKED_KEY


def test_a_revoked_signer_is_refused_by_name() -> None:
    later = ring().adopt(sign(key_list(n=2, revoked=(kid(SIGNER),)), ROOT))
    assert (
        refusal(lambda: later.open(topics.plan("ap-3"), sign(plan(), SIGNER), now=NOW)) == Refusal.REVOKED_KEY
    )


def test_an_older_key_list_does_not_bring_a_revoked_signer_back() -> None:
    later = ring().adopt(sign(key_list(n=2, revoked=(kid(SIGNER),)), ROOT))
    assert refusal(lambda: later.adopt(sign(key_list(signer(), n=1), ROOT))) == Refusal.ROLLED_BACK


def test_a_key_list_is_believed_only_from_the_root() -> None:
    for key in (SIGNER, STRANGER):
        text = sign(key_list(signer(STRANGER), n=9), key)
        assert refusal(partial(ring().adopt, text)) == Refusal.UNKNOWN_KEY


def test_a_signed_plan_is_no_key_list() -> None:
    assert refusal(lambda: ring().adopt(sign(plan(), ROOT))) == Refusal.MALFORMED


def test_a_config_brings_the_key_list_that_verifies_it() -> None:
    keys = sign(key_list(signer()), ROOT)
    config = Config(
        kind="config",
        device="ap-3-01",
        revision=Revision(1, 1),
        issued_at=NOW,
        zones=("ap-3",),
        keys=keys.decode(),
    )
    text = sign(config, SIGNER)
    inside = keys_inside(text)
    assert inside is not None
    held = Keyring.pinned([public_x(ROOT)]).adopt(inside)
    assert held.open(topics.device("ap-3-01", "config"), text, now=None) == config


def test_a_huge_message_is_refused_before_it_is_read() -> None:
    assert (
        refusal(lambda: ring().open(topics.plan("ap-3"), b"a" * (MAX_BYTES + 1), now=NOW))
        == Refusal.TOO_LARGE
    )


@given(st.binary(max_size=300))
def test_rubbish_is_refused_and_never_raises_anything_else(junk: bytes) -> None:
    assert refusal(lambda: ring().open(topics.plan("ap-3"), junk, now=NOW)) in set(Refusal)
    assert refusal(lambda: ring().adopt(junk)) in set(Refusal)
    assert refusal(lambda: open_from_device(topics.device("d", "hello"), junk, SIGNER)) in set(Refusal)


ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HEADERS = (
    st.sampled_from([["alg"], "alg"])
    | JSON_VALUES
    | st.fixed_dictionaries(
        {"alg": st.just("Ed25519") | JSON_VALUES},
        optional={
            "kid": st.just(kid(SIGNER)) | st.just(kid(ROOT)) | JSON_VALUES,
            "b64": JSON_VALUES,
            "crit": JSON_VALUES,
        },
    )
)
PAYLOADS = JSON_VALUES | st.fixed_dictionaries(
    {"kind": st.sampled_from(["config", "plan", "keys", "hello"]), "keys": ANY_TEXT | JSON_VALUES}
)


def shaped(header: bytes, payload: bytes, signature: bytes = b"\0" * 64) -> bytes:
    """What has the shape of a JWS, whatever is in it."""
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload, signature))


def refused_or_none(topic: str, junk: bytes) -> None:
    assert refusal(lambda: ring().open(topic, junk, now=NOW)) in set(Refusal)
    assert refusal(lambda: ring().adopt(junk)) in set(Refusal)
    assert refusal(lambda: open_from_device(topic, junk, SIGNER)) in set(Refusal)
    try:
        keys_inside(junk)
    except WireError:
        return


@given(st.text(max_size=40), HEADERS, PAYLOADS | st.binary(max_size=60))
def test_whatever_has_the_shape_of_a_message_is_refused_and_never_raises_anything_else(
    topic: str, header: object, payload: object
) -> None:
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    refused_or_none(topic, shaped(json.dumps(header).encode(), text))


NOBODY = b'{"alg":"Ed25519","kid":"nobody"}'


@pytest.mark.parametrize(
    "junk",
    [
        shaped(b'["alg"]', b"{}"),
        shaped(b'"alg"', b"{}"),
        shaped(NOBODY, b'{"keys":"\\ud800"}'),
        shaped(NOBODY, b"[" * 200_000),
        shaped(NOBODY, b'{"keys":' + b"9" * 10_000 + b"}"),
        shaped(b"[" * 380, b"{}"),
    ],
    ids=["list header", "text header", "lone surrogate", "deep payload", "long number", "deep header"],
)
def test_a_message_made_to_hurt_is_refused(junk: bytes) -> None:
    refused_or_none(topics.device("d", "config"), junk)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_outside_the_calendar_is_refused_though_it_is_signed(at: str) -> None:
    text = plan().wire_json().replace(f'"{NOW:%Y-%m-%dT%H:%M:%SZ}"', f'"{at}"', 1)
    assert at in text
    header = {"alg": "Ed25519", "kid": kid(SIGNER)}
    signed = jws.serialize_compact(header, text, SIGNER, algorithms=["Ed25519"]).encode()
    assert refusal(lambda: ring().open(topics.plan("ap-3"), signed, now=NOW)) == Refusal.MALFORMED


GOOD = sign(plan(), SIGNER)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 127))
def test_one_changed_byte_is_always_refused(where: int, change: int) -> None:
    broken = bytearray(GOOD)
    broken[where] ^= change
    try:
        message = ring().open(topics.plan("ap-3"), bytes(broken), now=NOW)
    except WireError:
        return
    # base64url has spare bits in a last character: the bytes may differ where the meaning does not.
    assert message == plan()


def test_a_device_is_believed_by_the_key_it_was_enrolled_with() -> None:
    hello = Hello(kind="hello", device="ap-3-01", nonce="n" * 16, journal="j" * 8, last=0, version="0.1")
    topic = topics.device("ap-3-01", "hello")
    assert open_from_device(topic, sign(hello, SIGNER), SIGNER) == hello
    assert refusal(lambda: open_from_device(topic, sign(hello, STRANGER), SIGNER)) == Refusal.BAD_SIGNATURE
    other = topics.device("ap-3-02", "hello")
    assert refusal(lambda: open_from_device(other, sign(hello, SIGNER), SIGNER)) == Refusal.MISPLACED


def test_a_private_key_reads_back_and_a_public_one_is_not_taken_for_it() -> None:
    assert kid(private_key(private_text(SIGNER))) == kid(SIGNER) == kid(public_key(public_x(SIGNER)))
    assert refusal(lambda: private_key('{"kty":"OKP","crv":"Ed25519","x":"' + public_x(SIGNER) + '"}'))
    assert refusal(lambda: private_key("not even JSON")) == Refusal.MALFORMED
    assert refusal(lambda: public_key("A" * 10)) == Refusal.MALFORMED
