"""Reading in a process of its own: whatever a file does there, the studio goes on and says what to mend."""

import sys
import threading
from pathlib import Path

import pytest

from studio.errors import TooMany
from studio.imports.apart import AT_ONCE, Apart
from studio.imports.found import Kind, Unreadable
from studio.imports.readers import read
from tests.support import papers

DOCUMENTS = {
    Kind.TEXT: papers.PASTED.encode(),
    Kind.HTML: papers.newspaper(),
    Kind.MHTML: papers.saved_whole(papers.newspaper()),
    Kind.DOCX: papers.word(papers.announcement),
    Kind.PDF: papers.paper(lambda paper: paper.paragraph("Mời bà con họp lúc 7h30.")),
}


def program(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_read_there_as_it_is_here(kind: Kind) -> None:
    told = Apart().read(DOCUMENTS[kind])
    assert told == read(DOCUMENTS[kind])
    assert told.kind is kind


def test_what_the_reader_refuses_is_refused_in_its_words() -> None:
    with pytest.raises(Unreadable, match="ảnh quét"):
        Apart().read(papers.scanned())


def test_a_file_that_is_read_for_ever_is_given_up() -> None:
    endless = Apart(longest_s=0.5, command=program("while True: pass"))
    with pytest.raises(Unreadable, match=r"đọc mãi chưa xong.*dán vào ô bên dưới"):
        endless.read(b"Xin chao")


@pytest.mark.parametrize(
    "death",
    [
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise MemoryError",
        "print('not what we agreed on')",
        "print('{}')",
        "",
    ],
)
def test_a_reader_that_dies_takes_nothing_with_it(death: str) -> None:
    with pytest.raises(Unreadable, match="dừng đột ngột"):
        Apart(command=program(death)).read(b"Xin chao")


def test_a_file_that_wants_all_memory_gets_none_of_ours() -> None:
    hungry = "import studio.imports.child as c; c.read = lambda data: bytes(1 << 40); c.main()"
    with pytest.raises(Unreadable, match="dừng đột ngột"):
        Apart(command=program(hungry)).read(b"Xin chao")


def test_the_reader_knows_none_of_the_studios_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_STUDIO_DATABASE", "postgresql://loa:mat-khau@may-chu/loa")
    tells = "import json, os; print(json.dumps({'refused': str(dict(os.environ))}))"
    with pytest.raises(Unreadable) as told:
        Apart(command=program(tells)).read(b"Xin chao")
    assert "mat-khau" not in told.value.message
    assert "PATH" in told.value.message


def test_only_few_files_are_read_at_once_and_whoever_waits_too_long_is_told(tmp_path: Path) -> None:
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    begun.mkdir()
    waits = (
        "import os, sys, time, pathlib\n"
        f"pathlib.Path({str(begun)!r}, str(os.getpid())).touch()\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n"
        'print(\'{"refused": "xong"}\')'
    )
    apart = Apart(wait_s=0.1, command=program(waits))
    told: list[str] = []

    def bring() -> None:
        with pytest.raises(Unreadable) as refused:
            apart.read(b"Xin chao")
        told.append(refused.value.message)

    threads = [threading.Thread(target=bring) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    tick = threading.Event()
    while len(list(begun.iterdir())) < AT_ONCE:
        tick.wait(0.01)
    try:
        with pytest.raises(TooMany, match="nhiều tệp"):
            apart.read(b"Xin chao")
    finally:
        gate.touch()
        for thread in threads:
            thread.join(20)
    assert told == ["xong"] * AT_ONCE
    with pytest.raises(Unreadable, match="xong"):
        apart.read(b"Xin chao")
