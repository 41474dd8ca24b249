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
    assert [span["source"] for span in audited["spans"]] == ["Ngày ", "2/9"]


def test_every_line_in_is_one_line_out_even_if_it_says_nothing(loa: Loa) -> None:
    told = loa("speech", "read", stdin="5 hộ\n\n---\nUBND xã\n")
    assert told.out.split("\n") == ["năm hộ", "", "", "ủy ban nhân dân xã", ""]


def test_a_whole_bulletin_is_read_without_the_frame_of_the_document(loa: Loa, tmp_path: Path) -> None:
    (tmp_path / "bulletin").write_text(
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nTHÔNG BÁO\nCúp điện ấp 3.\nNơi nhận:\n- Lưu: VT.\n"
    )
    told = loa("speech", "read", "--whole", str(tmp_path / "bulletin"))
    assert told.out.splitlines() == ["thông báo", "cúp điện ấp ba."]


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


def test_a_sound_for_a_market_with_its_master(loa: Loa, tmp_path: Path) -> None:
    output, master = tmp_path / "a.ogg", tmp_path / "a.flac"
    said = ("Gọi ngay 113.", "-o", str(output), "--engine", "tone")
    once = loa("speech", "say", *said, "--json").json
    told = loa(
        "speech", "say", *said, "--preset", "market", "--twice", "--master", str(master), "--json"
    ).json
    assert told["preset"] == "market"
    assert abs(told["quality"]["lufs"] + 14) < 0.5
    assert told["quality"]["true_peak"] <= -1
    assert told["seconds"] > once["seconds"] + 0.9
    assert abs(soundfile.info(master).duration - told["seconds"]) < 0.01


def test_what_cannot_be_spoken_is_said(typed: Loa, tmp_path: Path) -> None:
    output = str(tmp_path / "a.ogg")
    wrong = (("--engine", "không"), ("--voice", "không"), ("--preset", "không"))
    for words in (("…",), *(("Xin chào", *each) for each in wrong)):
        told = typed("speech", "say", *words, "-o", output)
        assert told.code == 1, words
        assert len(told.err.splitlines()) == 1
        assert not Path(output).exists()


def test_voices_are_listed(typed: Loa) -> None:
    listed = typed("speech", "voices", "--json").json
    assert {"engine": "tone", "voice": "low", "ready": True}.items() <= listed[-2].items()
    southern = next(voice for voice in listed if voice["voice"] == "Thùy Dung")
    assert (southern["region"], southern["gender"], southern["licence"]) == ("Nam", "nữ", "Apache-2.0")
