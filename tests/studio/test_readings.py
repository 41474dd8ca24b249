"""What people decide about a reading: corrected, undone, accepted, kept; and what is heard is what was read."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from studio import bulletins, deciders, pronunciations, readings, recordings, speaking, word_forms
from studio.db import transaction
from studio.drafts import Draft
from studio.errors import Conflict, Forbidden, Invalid, NotFound
from studio.models.bulletins import Bulletin, BulletinState
from studio.models.readings import Pronunciation, Scope
from studio.models.recordings import Recording
from studio.models.users import Role, User
from studio.services import Services
from studio.speaker import Speaker
from tts.text.bulletin import read_bulletin
from tts.text.read import read

TEXT = "CA xã Đất Mũi mời XQZT và XQZT đến họp, theo Quyết định 15/QĐ-UBND."
NOTICE = """ỦY BAN NHÂN DÂN XÃ KHÁNH AN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Mời bà con họp.
Họp ở nhà văn hóa.

TM. ỦY BAN NHÂN DÂN
PHÓ CHỦ TỊCH
Nguyễn Văn Bé Hai"""


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", Role.OFFICER)


@pytest.fixture
def hung(person: Callable[..., User]) -> User:
    return person("hung", Role.LEADER)


@pytest.fixture
def quang(person: Callable[..., User]) -> User:
    return person("quang", Role.ADMINISTRATOR)


@pytest.fixture
def session(engine: Engine, lan: User, hung: User, quang: User) -> Any:
    # Everybody is there first: this transaction lets no other one write.
    with transaction(engine) as session:
        yield session


@pytest.fixture
def write(session: Session, lan: User, clock: Any) -> Callable[..., Bulletin]:
    return lambda text=TEXT: bulletins.write(session, Draft(title="Mời họp", text=text), by=lan, now=clock())


@pytest.fixture
def correct(session: Session, lan: User, clock: Any) -> Callable[..., Pronunciation]:
    """`correct(bulletin, "CA", "công an")`: for this bulletin only, by Lan, unless told otherwise."""

    def one(
        bulletin: Bulletin, written: str, spoken: str, scope: Scope = Scope.BULLETIN, by: User = lan
    ) -> Pronunciation:
        return readings.correct(session, bulletin, written, spoken, scope=scope, by=by, now=clock())

    return one


def spoken(session: Session, bulletin: Bulletin) -> str:
    return readings.of(session, bulletin).reading.spoken


def record(session: Session, bulletin: Bulletin, by: User, now: Any) -> speaking.Job:
    """Give the newest words a finished sound, as a speaker would."""
    assert by.id is not None
    recordings.order(session, bulletin, engine="tone", by=by.id, now=now)
    job = speaking.claim(session, "thử", now=now)
    assert job is not None
    said = read_bulletin(job.text, job.guide).spoken
    assert speaking.finish(
        session, job, "thử", speaking.Sound("a" * 64, 3.0, 9000, -16.0, -2.0, said), now=now
    )
    return job


def test_a_correction_holds_where_it_was_made_and_nowhere_else(
    session: Session, write: Any, correct: Any
) -> None:
    here, there = write(), write()
    correct(here, "Đất Mũi", "mũi cà mau")
    assert "xã mũi cà mau" in spoken(session, here)
    assert "xã đất mũi" in spoken(session, there)
    said = {span.rule: span.source for span in readings.of(session, here).reading.spans}
    assert said["từ điển của bản tin này"] == "Đất Mũi"


def test_what_is_narrower_outranks_what_is_wider(
    session: Session, write: Any, correct: Any, quang: User
) -> None:
    here, there = write(), write()
    correct(here, "XQZT", "nhóm tỉnh", Scope.PROVINCE, by=quang)
    assert "nhóm tỉnh" in spoken(session, there)
    correct(here, "XQZT", "nhóm xã", Scope.COMMUNE)
    assert "nhóm xã" in spoken(session, there)
    correct(here, "XQZT", "nhóm này")
    assert "nhóm này" in spoken(session, here)
    assert "nhóm xã" in spoken(session, there)


def test_a_longer_form_is_read_before_a_shorter_one(session: Session, write: Any, correct: Any) -> None:
    bulletin = write()
    correct(bulletin, "CA", "xê a", Scope.COMMUNE)
    correct(bulletin, "CA xã", "công an của xã", Scope.COMMUNE)
    assert spoken(session, bulletin).startswith("công an của xã đất mũi")


def test_undoing_restores_what_held_before_and_keeps_the_history(
    session: Session, write: Any, correct: Any, lan: User, hung: User, clock: Any
) -> None:
    bulletin = write()
    plain = spoken(session, bulletin)
    correct(bulletin, "XQZT", "nhóm một")
    clock.forward(minutes=1)
    second = correct(bulletin, "XQZT", "nhóm hai", by=hung)
    clock.forward(minutes=1)
    undone = pronunciations.undo(session, second.id, by=lan, now=clock())
    assert "nhóm một" in spoken(session, bulletin)
    told = [
        (line.who, line.entry.spoken, line.entry.withdrawn)
        for line in pronunciations.history(session, undone)
    ]
    assert told == [("Lan", "nhóm một", False), ("Hung", "nhóm hai", False), ("Lan", "nhóm một", False)]
    first = correct(bulletin, "CA", "công an viên")
    pronunciations.undo(session, first.id, by=lan, now=clock())
    pronunciations.withdraw(session, undone.id or 0, by=lan, now=clock())
    assert spoken(session, bulletin) == plain


def test_only_the_newest_decision_can_be_undone_or_struck_out(
    session: Session, write: Any, correct: Any, lan: User, clock: Any
) -> None:
    bulletin = write()
    first = correct(bulletin, "XQZT", "nhóm một")
    second = correct(bulletin, "XQZT", "nhóm hai")
    for take_back in (pronunciations.undo, pronunciations.withdraw):
        with pytest.raises(Conflict, match="vừa được sửa tiếp"):
            take_back(session, first.id, by=lan, now=clock())
    gone = pronunciations.withdraw(session, second.id, by=lan, now=clock())
    with pytest.raises(Conflict, match="đã được bỏ"):
        pronunciations.withdraw(session, gone.id or 0, by=lan, now=clock())
    assert "nhóm hai" in pronunciations.undo(session, gone.id or 0, by=lan, now=clock()).spoken
    with pytest.raises(NotFound):
        pronunciations.undo(session, 999, by=lan, now=clock())


def test_the_same_decision_twice_is_one(session: Session, write: Any, correct: Any) -> None:
    bulletin = write()
    assert correct(bulletin, "XQZT", "nhóm một").id == correct(bulletin, " XQZT ", "Nhóm  Một.").id


@pytest.mark.parametrize(
    ("written", "said", "field", "why"),
    [
        ("", "công an", "written", "ghi chữ viết"),
        (" .,; ", "chấm", "written", "ghi chữ viết"),
        ("x" * 101, "ích", "written", "101 ký tự; tối đa 100"),
        ("C\x00A", "công an", "written", "không phải là chữ"),
        ("ca", "công an", "written", "«ca» đứng riêng"),
        ("QZ", "quy dét", "written", "«QZ» đứng riêng"),
        ("CA", "", "spoken", "ghi cách đọc"),
        ("CA", " ... ", "spoken", "ghi cách đọc"),
        ("CA", "công an 3", "spoken", "«3».*công an ba"),
        ("CA", "công an kg", "spoken", "«kg».*công an ca giê"),
        ("CA", "x" * 301, "spoken", "301 ký tự; tối đa 300"),
    ],
)  # fmt: skip
def test_a_correction_that_will_not_do_is_refused_with_what_to_mend(
    write: Any, correct: Any, written: str, said: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        correct(write(), written, said)
    assert refused.value.field == field


@given(st.text(max_size=80) | st.text(st.sampled_from("công an xã. ,aăâđêệ-–3kgTM"), max_size=40))
def test_what_is_kept_as_spoken_reads_as_itself(typed: str) -> None:
    try:
        words = word_forms.spoken_words(typed)
    except Invalid as error:
        assert error.field == "spoken"
        return
    assert read(words).spoken == words == word_forms.spoken_words(words)
    assert not any(char.isdigit() for char in words)


@given(st.text(max_size=120))
def test_a_written_form_is_kept_the_same_twice(typed: str) -> None:
    try:
        form = word_forms.written_form(typed)
    except Invalid as error:
        assert error.field == "written"
        return
    assert word_forms.written_form(form) == form == " ".join(form.split())


@pytest.mark.parametrize("state", [BulletinState.WAITING, BulletinState.APPROVED])
def test_what_waits_or_is_approved_is_read_as_it_was(
    session: Session, write: Any, correct: Any, lan: User, clock: Any, state: BulletinState
) -> None:
    bulletin = write()
    made = correct(bulletin, "CA", "công an viên")
    bulletin.state = state
    session.flush()
    for act in (
        lambda: correct(bulletin, "XQZT", "nhóm"),
        lambda: correct(bulletin, "XQZT", "nhóm", Scope.COMMUNE),
        lambda: pronunciations.undo(session, made.id, by=lan, now=clock()),
        lambda: readings.accept(session, bulletin, "XQZT", "?", by=lan, now=clock()),
        lambda: readings.keep(session, bulletin, "PHÓ CHỦ TỊCH", by=lan, now=clock()),
    ):
        with pytest.raises(Conflict, match="Hãy rút lại, hoặc sửa nội dung trước"):
            act()


def test_who_may_decide_where(
    session: Session, write: Any, correct: Any, person: Any, quang: User, lan: User, hung: User, clock: Any
) -> None:
    technician = User(
        id=99, name="x", full_name="X", role=Role.TECHNICIAN, password_hash="", created_at=clock()
    )
    assert pronunciations.scopes_of(lan) == pronunciations.scopes_of(hung) == [Scope.BULLETIN, Scope.COMMUNE]
    assert pronunciations.scopes_of(quang) == [Scope.COMMUNE, Scope.PROVINCE]
    assert pronunciations.scopes_of(technician) == []
    bulletin = write()
    with pytest.raises(Forbidden, match=r"từ điển phát âm của tỉnh.*Quản trị"):
        correct(bulletin, "XQZT", "nhóm", Scope.PROVINCE)
    with pytest.raises(Forbidden, match="soạn bản tin"):
        correct(bulletin, "XQZT", "nhóm", by=quang)
    with pytest.raises(Forbidden):
        readings.accept(session, bulletin, "XQZT", "?", by=technician, now=clock())
    theirs = correct(bulletin, "XQZT", "nhóm", Scope.PROVINCE, by=quang)
    with pytest.raises(Forbidden):
        pronunciations.undo(session, theirs.id, by=lan, now=clock())


def test_an_open_question_keeps_a_bulletin_from_being_sent_until_somebody_answers_for_it_by_name(
    session: Session, write: Any, lan: User, hung: User, clock: Any
) -> None:
    bulletin = write("Mời XQZT, XQZT và WVKR đến họp.")
    record(session, bulletin, lan, clock())
    with pytest.raises(Conflict, match="Còn 2 chỗ máy không chắc cách đọc: «XQZT», «WVKR»"):
        bulletins.send(session, bulletin.id, by=lan, now=clock())
    first, second = readings.of(session, bulletin).open
    assert (first.source, first.times, first.spoken) == ("XQZT", 2, "ích quy dét tê")
    readings.accept(session, bulletin, first.source, first.message, by=hung, now=clock())
    assert [question.source for question in readings.of(session, bulletin).open] == ["WVKR"]
    answered = readings.of(session, bulletin).questions[0].accepted
    assert answered is not None
    assert (answered.who, answered.at) == ("Hung", clock())
    readings.accept(session, bulletin, second.source, second.message, by=lan, now=clock())
    readings.take_back(session, bulletin, first.source, first.message, by=lan, now=clock())
    with pytest.raises(Conflict, match="Còn 1 chỗ máy không chắc cách đọc: «XQZT»"):
        bulletins.send(session, bulletin.id, by=lan, now=clock())
    readings.accept(session, bulletin, first.source, first.message, by=lan, now=clock())
    assert bulletins.send(session, bulletin.id, by=lan, now=clock()).state is BulletinState.WAITING


def test_a_question_that_is_not_asked_cannot_be_answered(
    session: Session, write: Any, lan: User, clock: Any
) -> None:
    with pytest.raises(Conflict, match="không còn trong danh sách"):
        readings.accept(session, write(), "WVKR", "không có", by=lan, now=clock())


def test_a_correction_answers_the_question(session: Session, write: Any, correct: Any) -> None:
    bulletin = write()
    assert [question.source for question in readings.of(session, bulletin).open] == ["XQZT"]
    correct(bulletin, "XQZT", "nhóm tự quản")
    assert readings.of(session, bulletin).questions == ()


def test_a_correction_must_be_heard_before_it_is_sent(
    session: Session, write: Any, correct: Any, lan: User, clock: Any
) -> None:
    bulletin = write("CA xã mời họp.")
    record(session, bulletin, lan, clock())
    correct(bulletin, "CA", "công an viên", Scope.COMMUNE)
    with pytest.raises(Conflict, match="Cách đọc đã đổi từ lúc ghi âm; hãy bấm «Đọc lại»"):
        bulletins.send(session, bulletin.id, by=lan, now=clock())
    job = record(session, bulletin, lan, clock())
    assert [entry.spoken for entry in job.guide.dictionary] == ["công an viên"]
    bulletins.send(session, bulletin.id, by=lan, now=clock())


def test_what_the_dictionary_says_later_changes_no_approved_sound(
    session: Session, write: Any, correct: Any, lan: User, hung: User, clock: Any
) -> None:
    bulletin, other = write("CA xã mời họp."), write("CA ấp mời họp.")
    record(session, bulletin, lan, clock())
    bulletins.send(session, bulletin.id, by=lan, now=clock())
    correct(other, "CA", "công an viên", Scope.COMMUNE)
    bulletins.approve(session, bulletin.id, sha256="a" * 64, by=hung, now=clock())
    sound = recordings.finished(session, bulletin)
    assert sound is not None
    assert sound.spoken == "công an xã mời họp."
    assert readings.as_recorded(session, bulletin, sound).reading.spoken == sound.spoken
    assert spoken(session, bulletin) == "công an viên xã mời họp."


def test_a_line_of_the_frame_is_kept_and_left_out_again(
    session: Session, write: Any, lan: User, clock: Any
) -> None:
    bulletin = write(NOTICE)
    assert spoken(session, bulletin) == "mời bà con họp.\nhọp ở nhà văn hóa."
    readings.keep(session, bulletin, "  PHÓ CHỦ  TỊCH", by=lan, now=clock())
    assert spoken(session, bulletin) == "mời bà con họp.\nhọp ở nhà văn hóa.\nphó chủ tịch"
    assert readings.of(session, bulletin).guide.kept == ("PHÓ CHỦ TỊCH",)
    readings.leave_out(session, bulletin, "PHÓ CHỦ TỊCH", by=lan, now=clock())
    assert spoken(session, bulletin) == "mời bà con họp.\nhọp ở nhà văn hóa."
    with pytest.raises(Invalid, match="không phải là phần trình bày"):
        readings.keep(session, bulletin, "Mời bà con họp.", by=lan, now=clock())


def test_a_leader_who_decided_how_it_is_read_does_not_approve_it(
    session: Session, write: Any, correct: Any, lan: User, hung: User, clock: Any
) -> None:
    corrected, kept, shared = write("CA xã mời họp."), write(NOTICE), write("CA ấp mời họp.")
    correct(corrected, "CA", "công an viên", by=hung)
    readings.keep(session, kept, "PHÓ CHỦ TỊCH", by=hung, now=clock())
    correct(shared, "CA", "công an", Scope.COMMUNE, by=hung)
    for bulletin in (corrected, kept, shared):
        record(session, bulletin, lan, clock())
        bulletins.send(session, bulletin.id, by=lan, now=clock())
    for bulletin in (corrected, kept):
        with pytest.raises(
            Forbidden, match="Bạn đã quyết định cách đọc trong bản tin này nên không thể tự duyệt"
        ):
            bulletins.approve(session, bulletin.id, sha256="a" * 64, by=hung, now=clock())
    assert deciders.objection(session, shared, hung) == "", "a dictionary is for every bulletin"


def test_the_dictionary_is_searched_by_letters_and_by_sound_without_accents(
    session: Session, quang: User, clock: Any
) -> None:
    for written, said, scope in (
        ("TTĐ", "tân thành đông", Scope.COMMUNE),
        ("BCĐ 35", "ban chỉ đạo ba mươi lăm", Scope.PROVINCE),
    ):
        pronunciations.enter(session, written, said, scope=scope, by=quang, now=clock())

    def found(words: str = "", **more: Any) -> list[str]:
        wanted = pronunciations.Search(words, **more)
        lines = pronunciations.listing(session, wanted)
        assert pronunciations.count(session, wanted) == len(lines)
        return [line.entry.written for line in lines]

    assert found() == ["BCĐ 35", "TTĐ"]
    assert found("tan thanh") == found("ttđ") == ["TTĐ"]
    assert found(scopes=[Scope.PROVINCE]) == ["BCĐ 35"]
    entry = pronunciations.find(session, "TTĐ", scope=Scope.COMMUNE)
    assert entry is not None
    pronunciations.withdraw(session, entry.id or 0, by=quang, now=clock())
    assert found() == ["BCĐ 35"]
    assert found(withdrawn=True) == ["TTĐ"]


def test_a_speaker_says_what_was_decided_also_in_an_emergency(
    engine: Engine, services: Services, lan: User, quang: User, clock: Any
) -> None:
    speaker = Speaker(services.engine, services.sounds, "trạm/1", services.now)
    with transaction(engine) as session:
        pronunciations.enter(session, "XQZT", "xóm quýt", scope=Scope.COMMUNE, by=quang, now=clock())
        bulletin = bulletins.write(session, Draft(title="T", text="Mời XQZT họp."), by=lan, now=clock())
        recordings.order(session, bulletin, engine="tone", by=lan.id or 0, now=clock())
        recordings.order_emergency(session, "XQZT di dời.", engine="tone", by=lan.id or 0, now=clock())
    assert speaker.work_once()
    assert speaker.work_once()
    with transaction(engine) as session:
        spoke = [row.spoken for row in session.exec(select(Recording).order_by("id"))]
    assert spoke == ["mời xóm quýt họp.", "xóm quýt di dời."]


def test_numbers_that_are_said_twice_are_no_other_reading(
    engine: Engine, services: Services, lan: User, clock: Any
) -> None:
    with transaction(engine) as session:
        draft = Draft(title="T", text="Hãy gọi ngay 113.")
        bulletin = bulletins.write(session, draft, by=lan, now=clock())
        recordings.order(session, bulletin, engine="tone", twice=True, by=lan.id or 0, now=clock())
    assert Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    with transaction(engine) as session:
        sent = bulletins.send(session, bulletin.id or 0, by=lan, now=clock())
        assert sent.state is BulletinState.WAITING
