"""A real `loa-agent` in its own process, a real Mosquitto, HTTP and WAV files: from a signed plan to what was heard."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge_agent.wire.documents import Airing
from edge_agent.wire.signing import kid, new_key, public_x, sign
from tests.support.agent_process import Process, Town, now, until
from tests.support.mosquitto import Mosquitto

BOX = "ap-3-01"
PLAYED = [("started", ""), ("finished", "")]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    mosquitto = Mosquitto(tmp_path / "mq")
    mosquitto.start()
    town = Town(tmp_path, mosquitto)
    yield town
    town.close()
    mosquitto.stop()


@pytest.fixture
def box(town: Town) -> Process:
    box = town.box(BOX)
    publish_config(town)
    box.start()
    box.wait_until_up()
    return box


def publish_config(town: Town, **more: Any) -> None:
    town.studio.publish(
        town.studio.config(BOX, now(), sounds_url=f"{town.web.url}/sounds", volume=100, **more)
    )


def publish(town: Town, seconds: float = 1.5, *, in_s: float = 2.0, **more: Any) -> Airing:
    """A plan with one airing that begins soon."""
    law = town.studio.airing("law", now() + timedelta(seconds=in_s), town.studio.sound(seconds), **more)
    town.studio.publish(town.studio.plan(law, now=now()))
    return law


def original(town: Town, airing: Airing) -> "np.ndarray[Any, Any]":
    path = town.folder / "original.ogg"
    path.write_bytes(town.studio.sounds[airing.sounds[0].sha256])
    data, _ = soundfile.read(path)
    return np.asarray(data)


def likeness(one: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> float:
    n = min(len(one), len(other))
    return float(np.corrcoef(one[:n], other[:n])[0, 1])


def ended(box: Process, airing: Airing) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = until(
        lambda: box.told.get(airing.id, [("", "")])[-1][0] not in ("", "started") and box.told[airing.id],
        f"the end of {airing.id}\n{box.log[-3000:]}",
    )
    return said


def test_from_a_signed_plan_to_a_wav_and_a_report(town: Town, box: Process) -> None:
    law = publish(town)
    assert ended(box, law) == PLAYED
    heard, wanted = box.wav(law.id), original(town, law)
    assert abs(len(heard) - len(wanted)) < 50
    assert likeness(heard, wanted) > 0.999
    record = list(town.studio.records.values())[-1]
    assert abs(record["start_error_ms"]) < 30
    assert record["volume"] == 100
    assert box.terminate() == 0
    until(lambda: not town.studio.presences[-1].online, "the goodbye")


def test_status_and_stop_need_neither_studio_nor_broker(town: Town, box: Process) -> None:
    law = publish(town, seconds=20.0, in_s=1.5)
    until(lambda: law.id in box.told, "the start")
    town.mosquitto.stop()
    until(lambda: not json.loads(box.run("status", "--json").stdout)["connected"], "the broken line")
    told = json.loads(box.run("status", "--json").stdout)
    assert told["playing"] == law.id and told["clock_source"] == "host (giả định)"
    assert "giả định" in box.run("status").stdout
    stopped = box.run("stop")
    assert stopped.returncode == 0 and law.id in stopped.stdout
    assert json.loads(box.run("status", "--json").stdout).get("playing") is None
    length = len(box.wav(law.id))
    town.mosquitto.start()
    assert ended(box, law) == [("started", ""), ("partial", "stopped")]
    assert len(box.wav(law.id)) == length < 20 * 24000


def test_without_an_agent_status_says_so(town: Town) -> None:
    answer = town.box(BOX).run("status")
    assert answer.returncode == 4 and "tác tử không chạy" in answer.stderr


def test_a_stop_from_the_studio_is_silence_within_a_second(town: Town, box: Process) -> None:
    law = publish(town, seconds=20.0, in_s=1.5)
    until(lambda: law.id in box.told, "the start")
    asked = time.monotonic()
    town.studio.send(town.studio.command(BOX, "stop", now()))
    assert ended(box, law) == [("started", ""), ("partial", "stopped")]
    assert time.monotonic() - asked < 1.0


def test_an_emergency_is_heard_within_three_seconds_and_the_rest_follows(town: Town, box: Process) -> None:
    law = publish(town, seconds=3.0, in_s=1.5)
    wav = box.folder / "wav" / f"{law.id}.wav"
    until(lambda: wav.exists() and len(box.wav(law.id)) > 24000, "a second of it")
    flood = town.studio.emergency("flood", now(), town.studio.sound(1.0, seed=9, inline=True), tone=True)
    asked = time.time()
    town.studio.publish(town.studio.plan(flood, now=now(), kind="emergency"))
    assert ended(box, flood) == PLAYED
    record = [r for r in town.studio.records.values() if r["airing"] == flood.id][-1]
    began = asked + 3
    assert record["started_at"] and _epoch(record["started_at"]) < began
    assert len(box.wav(flood.id)) == pytest.approx(1.5 * 24000, abs=50)
    assert ended(box, law)[-1] == ("finished", "")
    heard, wanted = box.wav(law.id), original(town, law)
    # Cut and gone on with, nothing is lost but two edges of a twentieth of a second.
    assert abs(len(heard) - len(wanted)) < 0.1 * 24000
    assert likeness(heard[:12000], wanted[:12000]) > 0.99 and likeness(heard[-12000:], wanted[-12000:]) > 0.99


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_killed_while_it_sounds_it_leaves_a_good_wav_and_says_power_cut(town: Town, box: Process) -> None:
    law = publish(town, seconds=20.0, in_s=1.5)
    until(lambda: law.id in box.told, "the start")
    until(lambda: (box.folder / "wav" / f"{law.id}.wav").exists() and len(box.wav(law.id)) > 12000, "sound")
    box.kill()
    heard, wanted = box.wav(law.id), original(town, law)
    assert likeness(heard, wanted) > 0.999
    box.start()
    assert ended(box, law) == [("started", ""), ("partial", "power_cut")]
    assert len(box.wav(law.id)) == len(heard), "no second play"


@pytest.mark.parametrize(
    ("point", "k", "states"),
    [
        ("journal.started.commit.done", 0, [[("started", ""), ("partial", "power_cut")]]),
        ("journal.finished.commit", 0, [[("started", ""), ("partial", "power_cut")]]),
        ("publish.report", 1, [PLAYED]),
    ],
)
def test_killed_at_a_point_it_lives_on(
    town: Town, point: str, k: int, states: list[list[tuple[str, str]]]
) -> None:
    box = town.box(BOX)
    publish_config(town)
    box.start("tests.support.agent_killed", point, str(k))
    box.wait_until_up()
    law = publish(town, seconds=0.5)
    assert box.process is not None
    assert box.process.wait(15) == -9
    box.start()
    assert ended(box, law) in states


def test_a_reboot_without_network_plays_from_the_disk(town: Town, box: Process) -> None:
    law = publish(town, in_s=2.5, seconds=1.0)
    until(lambda: list((box.folder / "sounds").glob("*.ogg")), "the sound on the disk")
    box.kill()
    town.mosquitto.stop()
    box.start()
    wav = box.folder / "wav" / f"{law.id}.wav"
    until(lambda: wav.exists() and len(box.wav(law.id)) > 0.99 * 24000, "the whole sound")
    assert likeness(box.wav(law.id), original(town, law)) > 0.999
    town.mosquitto.start()
    assert ended(box, law) == PLAYED


def test_a_download_goes_on_where_it_broke_off(town: Town, box: Process) -> None:
    town.web.broken_after = 3000
    law = publish(town, seconds=4.0, in_s=60)
    until(lambda: list((box.folder / "sounds").glob("*.ogg")), "the sound on the disk")
    assert [asked for _, asked in town.web.asked] == ["", "bytes=3000-"]
    assert (
        next((box.folder / "sounds").glob("*.ogg")).read_bytes() == town.studio.sounds[law.sounds[0].sha256]
    )


def test_a_restart_is_a_new_process_with_the_same_journal(town: Town, box: Process) -> None:
    hellos = len(town.studio.hellos)
    town.studio.send(town.studio.command(BOX, "restart", now()))
    until(lambda: [r for r in town.studio.replies if r.state == "done"], "the answer after the restart")
    until(lambda: len(town.studio.hellos) > hellos, "the hello of the new process")
    assert town.studio.hellos[hellos].journal == town.studio.hellos[0].journal
    assert box.process is not None and box.process.poll() is None
    assert box.terminate() == 0


def test_only_one_agent_runs_on_a_disk(town: Town, box: Process) -> None:
    second = box.run("run")
    assert second.returncode == 1 and "một tác tử khác đang chạy" in second.stderr


# Enrolment.


def enrolling(town: Town, *, root: Any = None) -> tuple[Process, str]:
    """A box with nothing on it, and a code for it."""
    studio = town.studio
    root_x = public_x(root or studio.root)
    box = Process(town, BOX, new_key(), town.folder / "fresh", {})

    def answer(question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if question["code"] != "abcde23456":
            return 403, {"title": "Forbidden", "detail": "Mã ghi danh không đúng hoặc đã được dùng."}
        broker = {"host": "127.0.0.1", "port": town.mosquitto.port, "username": BOX, "password": "x"}
        return 201, {
            "device": BOX,
            "broker": broker | {"tls_ca_pem": None},
            "roots": [public_x(new_key()), root_x],
            "keys": studio.keys(now()),
            "config": sign(studio.config(BOX, now()), studio.signer).decode(),
        }

    town.web.enrolments = answer
    return box, f"abcde23456.{kid(studio.root)}"


def test_a_box_enrols_with_its_own_key_and_nobody_else_reads_it(town: Town) -> None:
    box, code = enrolling(town)
    done = box.run("enrol", "--studio", town.web.url, "--code", code)
    assert done.returncode == 0 and BOX in done.stdout, done.stderr
    kept = json.loads((box.folder / "enrolment.json").read_text())
    assert kept["roots"] == [public_x(town.studio.root)], "only the root that the code names is believed"
    assert oct(box.folder.stat().st_mode)[-3:] == "700"
    for name in ("key.json", "enrolment.json"):
        assert oct((box.folder / name).stat().st_mode)[-3:] == "600"
    again = box.run("enrol", "--studio", town.web.url, "--code", code)
    assert again.returncode == 1 and "--again" in again.stderr
    before = (box.folder / "key.json").read_text()
    assert box.run("enrol", "--studio", town.web.url, "--code", code, "--again").returncode == 0
    assert (box.folder / "key.json").read_text() != before


def test_a_studio_that_is_not_the_one_of_the_code_is_refused(town: Town) -> None:
    box, code = enrolling(town, root=new_key())
    done = box.run("enrol", "--studio", town.web.url, "--code", code)
    assert done.returncode == 1 and "có thể có kẻ giả phòng thu" in done.stderr
    assert not box.folder.exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("abcde23456", "không đúng dạng"),
        ("wrong23456.{kid}", "Mã ghi danh không đúng hoặc đã được dùng"),
    ],
)
def test_a_code_that_is_no_good_is_refused_in_words(town: Town, code: str, words: str) -> None:
    box, _ = enrolling(town)
    done = box.run("enrol", "--studio", town.web.url, "--code", code.format(kid=kid(town.studio.root)))
    assert done.returncode == 1 and words in done.stderr


def test_a_config_that_is_not_signed_is_refused_and_nothing_is_kept(town: Town) -> None:
    box, code = enrolling(town)
    honest = town.web.enrolments
    town.web.enrolments = lambda q: (201, honest(q)[1] | {"config": "e30.e30.AAAA"})
    done = box.run("enrol", "--studio", town.web.url, "--code", code)
    assert done.returncode == 1 and "không hợp lệ" in done.stderr and not box.folder.exists()


def test_a_studio_that_is_not_there_is_named(town: Town) -> None:
    box, code = enrolling(town)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = box.run("enrol", "--studio", url, "--code", code)
    assert done.returncode == 1 and f"không nối được với phòng thu tại {url}" in done.stderr


@pytest.mark.parametrize("studio", ["http://a..b", "http://xn--", f"http://{'a' * 70}.vn", "", "http://[::1"])
def test_an_address_that_is_none_is_said_so(town: Town, studio: str) -> None:
    box, code = enrolling(town)
    done = box.run("enrol", "--studio", studio, "--code", code)
    assert done.returncode == 1 and f"không nối được với phòng thu tại {studio}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_box_whose_agent_runs_is_not_enrolled_under_its_feet(town: Town, box: Process) -> None:
    _, code = enrolling(town)
    before = (box.folder / "key.json").read_bytes(), town.web.enrolled
    done = box.run("enrol", "--studio", town.web.url, "--code", code, "--again")
    assert done.returncode == 1 and "tác tử đang chạy" in done.stderr
    assert ((box.folder / "key.json").read_bytes(), town.web.enrolled) == before, (
        "and the code is not used up"
    )
    assert box.terminate() == 0
    assert box.run("enrol", "--studio", town.web.url, "--code", code, "--again").returncode == 0


def test_where_nothing_can_be_kept_the_code_is_not_used_up(town: Town) -> None:
    box, code = enrolling(town)
    box.folder.write_bytes(b"no folder")
    done = box.run("enrol", "--studio", town.web.url, "--code", code)
    assert done.returncode == 1 and f"không ghi được vào {box.folder}" in done.stderr
    assert town.web.enrolled == 0


def test_an_agent_that_is_not_enrolled_says_how_to(town: Town) -> None:
    box, _ = enrolling(town)
    done = box.run("run")
    assert done.returncode == 3 and "loa-agent enrol" in done.stderr


def test_a_wrong_setting_is_named(town: Town) -> None:
    box, _ = enrolling(town)
    box.env["LOA_AGENT_PLAYER"] = "gramophone"
    done = box.run("status")
    assert done.returncode == 5 and "player" in done.stderr
