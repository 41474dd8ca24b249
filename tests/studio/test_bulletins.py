"""The life of a bulletin: written, edited by two, spoken, sent, decided; and text that will not do."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from studio import booking_drafts, bulletins, deciders, drafts, recordings, speaking, users
from studio.bulletins import Edited
from studio.db import reading, transaction
from studio.drafts import Draft
from studio.errors import Conflict, Forbidden, Invalid, NotFound
from studio.models.bulletins import Bulletin, BulletinState, Verdict
from studio.models.users import Role, User
from tts.text.bulletin import read_bulletin

SHA, OTHER = "a" * 64, "b" * 64
DRAFT = Draft(title="Mời họp", text="Mời bà con đến nhà văn hóa ấp 3.")


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def hung(person: Callable[..., User]) -> User:
    return person("hung", Role.LEADER)


@pytest.fixture
def session(engine: Engine, lan: User, hung: User) -> Any:
    # Everybody is there first: this transaction lets no other one write.
    with transaction(engine) as session:
        yield session


@pytest.fixture
def written(session: Session, lan: User, clock: Any) -> Bulletin:
    return bulletins.write(session, DRAFT, by=lan, now=clock())


def record(session: Session, bulletin: Bulletin, by: User, now: Any, *, sha256: str = SHA) -> None:
    """Give the newest words a finished sound, as a speaker would."""
    recordings.order(session, bulletin, engine="tone", by=by.id or 0, now=now)
    job = speaking.claim(session, "thử", now=now)
    assert job is not None
    spoken = read_bulletin(job.text, job.guide).spoken
    sound = speaking.Sound(sha256, 3.0, 9000, -16.0, -2.0, spoken)
    assert speaking.finish(session, job, "thử", sound, now=now)


@pytest.fixture
def waiting(session: Session, written: Bulletin, lan: User, clock: Any) -> Bulletin:
    record(session, written, lan, clock())
    return bulletins.send(session, written.id or 0, by=lan, now=clock())


def test_the_whole_way_to_the_air(session: Session, waiting: Bulletin, hung: User, clock: Any) -> None:
    assert "chưa được lãnh đạo duyệt" in (booking_drafts.why_not(session, waiting.id or 0) or "")
    approved = bulletins.approve(session, waiting.id or 0, sha256=SHA, by=hung, now=clock())
    assert approved.state is BulletinState.APPROVED
    assert booking_drafts.why_not(session, waiting.id or 0) is None
    assert booking_drafts.approved(session, waiting.id or 0)[1].sha256 == SHA
    told = [
        (line.decision.verdict, line.who, line.decision.sha256)
        for line in bulletins.history(session, waiting)
    ]
    assert told == [(Verdict.APPROVED, "Hung", SHA), (Verdict.SENT, "Lan", SHA)]


def test_nothing_is_sent_for_approval_that_cannot_be_heard(
    session: Session, written: Bulletin, lan: User, clock: Any
) -> None:
    with pytest.raises(Conflict, match="chưa có bản ghi âm"):
        bulletins.send(session, written.id or 0, by=lan, now=clock())


def test_a_sound_of_older_words_does_not_count(
    session: Session, written: Bulletin, lan: User, clock: Any
) -> None:
    record(session, written, lan, clock())
    bulletins.edit(
        session, written.id or 0, Draft(title="Mời họp", text="Hoãn họp."), based_on=1, by=lan, now=clock()
    )
    with pytest.raises(Conflict, match="chưa có bản ghi âm"):
        bulletins.send(session, written.id or 0, by=lan, now=clock())


def test_nobody_approves_what_they_wrote_or_sent(session: Session, hung: User, lan: User, clock: Any) -> None:
    written_by_leader = bulletins.write(session, DRAFT, by=hung, now=clock())
    record(session, written_by_leader, hung, clock())
    bulletins.send(session, written_by_leader.id or 0, by=lan, now=clock())
    with pytest.raises(Forbidden, match="không thể tự duyệt"):
        bulletins.approve(session, written_by_leader.id or 0, sha256=SHA, by=hung, now=clock())
    with pytest.raises(Forbidden, match="không thể tự duyệt"):
        bulletins.send_back(session, written_by_leader.id or 0, reason="x", by=hung, now=clock())

    sent_by_leader = bulletins.write(session, DRAFT, by=lan, now=clock())
    record(session, sent_by_leader, hung, clock(), sha256=OTHER)
    bulletins.send(session, sent_by_leader.id or 0, by=hung, now=clock())
    with pytest.raises(Forbidden):
        bulletins.approve(session, sent_by_leader.id or 0, sha256=OTHER, by=hung, now=clock())
    assert deciders.decidable(session, [written_by_leader, sent_by_leader], hung) == []


def test_while_it_is_spoken_anew_it_is_not_sent(
    session: Session, written: Bulletin, lan: User, clock: Any
) -> None:
    record(session, written, lan, clock())
    again = recordings.order(session, written, engine="tone", by=lan.id or 0, now=clock())
    with pytest.raises(Conflict, match="đang được đọc"):
        bulletins.send(session, written.id or 0, by=lan, now=clock())
    recordings.cancel(session, again, now=clock())
    assert bulletins.send(session, written.id or 0, by=lan, now=clock()).state is BulletinState.WAITING


def test_a_touch_by_somebody_else_does_not_make_a_leaders_words_theirs(
    session: Session, hung: User, lan: User, clock: Any
) -> None:
    bulletin = bulletins.write(session, DRAFT, by=hung, now=clock())
    touched = Draft(title=DRAFT.title, text=DRAFT.text + " Xin mời.")
    bulletins.edit(session, bulletin.id or 0, touched, based_on=1, by=lan, now=clock())
    record(session, bulletin, lan, clock())
    bulletins.send(session, bulletin.id or 0, by=lan, now=clock())
    for decide in (STEPS["approve"], STEPS["send_back"]):
        with pytest.raises(Forbidden, match=r"Bạn đã viết nội dung chưa được duyệt .*lần sửa 1.* tự duyệt"):
            decide(session, bulletin.id, lan, hung, clock())


def test_a_send_taken_back_still_counts(session: Session, hung: User, lan: User, clock: Any) -> None:
    bulletin = bulletins.write(session, DRAFT, by=lan, now=clock())
    record(session, bulletin, lan, clock())
    bulletins.send(session, bulletin.id or 0, by=hung, now=clock())
    touched = Draft(title=DRAFT.title, text=DRAFT.text + " Xin mời.")
    bulletins.edit(session, bulletin.id or 0, touched, based_on=1, by=lan, now=clock())
    record(session, bulletin, lan, clock(), sha256=OTHER)
    bulletins.send(session, bulletin.id or 0, by=lan, now=clock())
    with pytest.raises(Forbidden, match="Bạn đã gửi duyệt bản tin này nên không thể tự duyệt"):
        bulletins.approve(session, bulletin.id or 0, sha256=OTHER, by=hung, now=clock())


def test_what_another_leader_has_approved_counts_no_more(
    session: Session, hung: User, lan: User, clock: Any
) -> None:
    bulletin = bulletins.write(session, DRAFT, by=hung, now=clock())
    record(session, bulletin, hung, clock())
    bulletins.send(session, bulletin.id or 0, by=hung, now=clock())
    other = users.create(session, name="mai", full_name="Mai", role=Role.LEADER, now=clock()).user
    bulletins.approve(session, bulletin.id or 0, sha256=SHA, by=other, now=clock())
    changed = Draft(title=DRAFT.title, text="Hoãn họp đến ngày mai.")
    bulletins.edit(session, bulletin.id or 0, changed, based_on=1, by=lan, now=clock())
    record(session, bulletin, lan, clock(), sha256=OTHER)
    bulletins.send(session, bulletin.id or 0, by=lan, now=clock())
    approved = bulletins.approve(session, bulletin.id or 0, sha256=OTHER, by=hung, now=clock())
    assert approved.approved_sha256 == OTHER


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TECHNICIAN, Role.ADMINISTRATOR])
def test_only_a_leader_decides(
    session: Session, waiting: Bulletin, role: Role, engine: Engine, clock: Any
) -> None:
    stranger = User(id=99, name="x", full_name="X", role=role, password_hash="", created_at=clock())
    with pytest.raises(Forbidden, match="Lãnh đạo duyệt"):
        bulletins.approve(session, waiting.id or 0, sha256=SHA, by=stranger, now=clock())


def test_the_leader_approves_what_they_heard_and_nothing_else(
    session: Session, waiting: Bulletin, hung: User, clock: Any
) -> None:
    with pytest.raises(Conflict, match="Âm thanh của bản tin đã thay đổi"):
        bulletins.approve(session, waiting.id or 0, sha256=OTHER, by=hung, now=clock())
    assert bulletins.get(session, waiting.id or 0).state is BulletinState.WAITING


def test_while_it_waits_or_is_approved_it_is_not_spoken_anew(
    session: Session, waiting: Bulletin, lan: User, clock: Any
) -> None:
    with pytest.raises(Conflict, match="không ghi âm lại được"):
        recordings.order(session, waiting, engine="tone", by=lan.id or 0, now=clock())


def test_it_is_sent_back_with_a_reason_or_not_at_all(
    session: Session, waiting: Bulletin, hung: User, clock: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        bulletins.send_back(session, waiting.id or 0, reason=" \n", by=hung, now=clock())
    assert refused.value.field == "reason"
    bulletins.send_back(session, waiting.id or 0, reason="Sai giờ họp.", by=hung, now=clock())
    assert bulletins.history(session, waiting)[0].decision.reason == "Sai giờ họp."
    assert waiting.state is BulletinState.SENT_BACK


def test_editing_voids_the_approval(
    session: Session, waiting: Bulletin, hung: User, lan: User, clock: Any
) -> None:
    bulletins.approve(session, waiting.id or 0, sha256=SHA, by=hung, now=clock())
    changed = Draft(title="Mời họp", text="Hoãn họp đến ngày mai.")
    bulletins.edit(session, waiting.id or 0, changed, based_on=1, by=lan, now=clock())
    assert waiting.state is BulletinState.DRAFT
    assert waiting.approved_sha256 is None
    assert bulletins.history(session, waiting)[0].decision.verdict is Verdict.VOIDED
    assert booking_drafts.why_not(session, waiting.id or 0) is not None


def test_saving_without_a_change_changes_nothing(
    session: Session, waiting: Bulletin, hung: User, lan: User, clock: Any
) -> None:
    bulletins.approve(session, waiting.id or 0, sha256=SHA, by=hung, now=clock())
    bulletins.edit(session, waiting.id or 0, DRAFT, based_on=1, by=lan, now=clock())
    assert waiting.approved_sha256 == SHA
    assert waiting.revision == 1


def test_editing_takes_back_what_waits_and_stops_its_recording(
    session: Session, written: Bulletin, lan: User, clock: Any
) -> None:
    ordered = recordings.order(session, written, engine="tone", by=lan.id or 0, now=clock())
    bulletins.edit(
        session, written.id or 0, Draft(title="T", text="Khác hẳn."), based_on=1, by=lan, now=clock()
    )
    assert ordered.state == "cancelled"
    assert recordings.latest(session, written) is None


def test_of_two_who_edit_at_once_nobody_loses_work(
    session: Session, written: Bulletin, lan: User, hung: User, clock: Any
) -> None:
    first = Draft(title="Mời họp", text="Bản của Hùng.")
    bulletins.edit(session, written.id or 0, first, based_on=1, by=hung, now=clock())
    second = Draft(title="Mời họp", text="Bản của Lan.")
    with pytest.raises(Edited, match="Hung vừa lưu") as refused:
        bulletins.edit(session, written.id or 0, second, based_on=1, by=lan, now=clock())
    assert refused.value.theirs.text == "Bản của Hùng."
    bulletins.edit(session, written.id or 0, second, based_on=2, by=lan, now=clock())
    assert bulletins.current(session, written).text == "Bản của Lan."


STEPS: dict[str, Callable[..., object]] = {
    "send": lambda s, b, lan, hung, now: bulletins.send(s, b, by=lan, now=now),
    "withdraw": lambda s, b, lan, hung, now: bulletins.withdraw(s, b, by=lan, now=now),
    "approve": lambda s, b, lan, hung, now: bulletins.approve(s, b, sha256=SHA, by=hung, now=now),
    "send_back": lambda s, b, lan, hung, now: bulletins.send_back(s, b, reason="x", by=hung, now=now),
}
POSSIBLE = {
    ("draft", "send"): "waiting",
    ("sent_back", "send"): "waiting",
    ("waiting", "withdraw"): "draft",
    ("waiting", "approve"): "approved",
    ("waiting", "send_back"): "sent_back",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", list(BulletinState))
def test_each_step_is_possible_only_from_its_states(
    session: Session, written: Bulletin, lan: User, hung: User, clock: Any, state: BulletinState, step: str
) -> None:
    record(session, written, lan, clock())
    written.state = state
    session.flush()
    after = POSSIBLE.get((state.value, step))
    if after is None:
        with pytest.raises(Conflict, match="trạng thái"):
            STEPS[step](session, written.id, lan, hung, clock())
    else:
        STEPS[step](session, written.id, lan, hung, clock())
        assert written.state == after


def test_what_is_not_there_is_said_so(session: Session) -> None:
    with pytest.raises(NotFound):
        bulletins.get(session, 12345)


def test_searching_finds_titles_with_or_without_accents_and_capitals(
    session: Session, lan: User, clock: Any
) -> None:
    for title in ("Bão số 13", "Luật 100% mới", "Họp ấp"):
        bulletins.write(session, Draft(title=title, text="Nội dung."), by=lan, now=clock())
    for typed in ("bÃO", "bao so", " BA\u0303O  SỐ 13"):
        assert [each.title for each in bulletins.listing(session, search=typed)] == ["Bão số 13"]
    assert [each.title for each in bulletins.listing(session, search="hop ap")] == ["Họp ấp"]
    assert [each.title for each in bulletins.listing(session, search="100%")] == ["Luật 100% mới"]
    assert bulletins.listing(session, search="100% cũ") == []


@pytest.mark.parametrize(
    ("title", "text", "field", "why"),
    [
        ("", "Có chữ.", "title", "đặt tiêu đề"),
        (" \u200b ", "Có chữ.", "title", "đặt tiêu đề"),
        ("x" * 201, "Có chữ.", "title", "201 ký tự"),
        ("T\x00", "Có chữ.", "title", "không phải là chữ"),
        ("T", "", "text", "chưa có nội dung"),
        ("T", " \n\t \ufeff", "text", "chưa có nội dung"),
        ("T", "*** --- ???", "text", "không có chữ nào đọc được"),
        ("T", "PK\x03\x04\x14", "text", "Dòng 1 có ký tự không phải là chữ"),
        ("T", "dòng một\n\ufffd\ufffd", "text", "Dòng 2 có ký tự"),
        ("T", "a" * 60_001, "text", "60.001 ký tự; tối đa 60.000"),
        ("T", "a" * 1_000_000, "text", "1.000.000 ký tự"),
    ],
)
def test_text_that_will_not_do_is_refused_with_what_to_mend(
    title: str, text: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        drafts.clean(Draft(title=title, text=text))
    assert refused.value.field == field


def test_text_is_kept_composed_with_plain_line_ends_and_without_hidden_signs() -> None:
    given_text = (
        unicodedata.normalize("NFD", "Điều 1.\r\nBà con\u200b\u00ad lưu ý \r\n\uf0b7 một") + "\ufeff  "
    )
    cleaned = drafts.clean(Draft(title=" Tiêu\n đề ", text=given_text))
    assert cleaned.text == "Điều 1.\nBà con lưu ý\n- một"
    assert cleaned.title == "Tiêu đề"


@given(st.text(max_size=200), st.text(max_size=400))
def test_whatever_is_typed_is_refused_clearly_or_kept_the_same_twice(title: str, text: str) -> None:
    try:
        once = drafts.clean(Draft(title=title, text=text))
    except Invalid as error:
        assert error.field in ("title", "text")
        return
    assert drafts.clean(once) == once
    assert unicodedata.is_normalized("NFC", once.text)


def test_counting_by_state(engine: Engine, lan: User, clock: Any) -> None:
    with transaction(engine) as session:
        for _ in range(3):
            bulletins.write(session, DRAFT, by=lan, now=clock())
    with reading(engine) as session:
        assert bulletins.counts(session) == {
            BulletinState.DRAFT: 3,
            BulletinState.WAITING: 0,
            BulletinState.APPROVED: 0,
            BulletinState.SENT_BACK: 0,
        }
