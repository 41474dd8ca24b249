"""`loa speech`: how a text is read and spoken, without a studio."""

import hashlib
from pathlib import Path

import soundfile

from tests.cli.conftest import Loa


def test_a_text_is_read_aloud_in_words(loa: Loa, tmp_path: Path) -> None:
    told = loa("speech", "read", stdin="Nghị định 49/2024/NĐ-CP")
    assert told.code == 0, told.err
    assert "nghị định bốn mươi chín" in told.out
    (tmp_path / "text").write_text("Ngày 2/9")
    audited = loa("speech", "read", str(tmp_path / "text"), "--json").json
    assert audited["spoken"].startswith("ngày hai tháng chín")
    assert audited["spans"][0]["source"]


def test_what_is_no_text_is_named(typed: Loa, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for wrong in ("binary", "missing", "."):
        told = typed("speech", "read", str(tmp_path / wrong))
        assert told.code == 1
        assert len(told.err.splitlines()) == 1


def test_a_sentence_becomes_a_sound(loa: Loa, tmp_path: Path) -> None:
    told = loa("speech", "say", "Xin chào", "-o", str(tmp_path / "a.ogg"), "--engine", "tone", "--json")
    assert told.code == 0, told.err
    made = (tmp_path / "a.ogg").read_bytes()
    assert told.json["sha256"] == hashlib.sha256(made).hexdigest()
    assert abs(soundfile.info(tmp_path / "a.ogg").duration - told.json["seconds"]) < 0.1


def test_what_cannot_be_spoken_is_said(typed: Loa, tmp_path: Path) -> None:
    output = str(tmp_path / "a.ogg")
    for words in (("…",), ("Xin chào", "--engine", "không"), ("Xin chào", "--voice", "không")):
        told = typed("speech", "say", *words, "-o", output)
        assert told.code == 1, words
        assert len(told.err.splitlines()) == 1
        assert not Path(output).exists()


def test_voices_are_listed(typed: Loa) -> None:
    assert {"engine": "tone", "voice": "low"}.items() <= typed("speech", "voices", "--json").json[-2].items()
