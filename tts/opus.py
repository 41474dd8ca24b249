"""Ogg Opus out and in. The same sound always gives the same bytes, because a sound is named by its sha256."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import soundfile

from tts.errors import SpeechError
from tts.sound import RATE, Sound, at_our_rate

KILOBITS = 24.0
"""Kilobits a second of speech on air."""

LEAST_KILOBITS = 6.0
_MOST_KILOBITS = 256.0
"""libsndfile maps its compression level, 0 to 1, to 256 to 6 kbit/s a channel."""

_SERIAL = b"Loa1"
_HEADERS = 2
"""Pages that RFC 7845 wants for themselves: the identification and the tags."""

_FULL, _LAST = 255, 4


def encode(sound: Sound, kilobits: float = KILOBITS) -> bytes:
    """Write Ogg Opus, mono, about `kilobits` a second."""
    level = (_MOST_KILOBITS - kilobits) / (_MOST_KILOBITS - LEAST_KILOBITS)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", RATE, 1, format="OGG", subtype="OPUS", compression_level=min(max(level, 0.0), 1.0)
    ) as ogg:
        for start in range(0, len(sound.data), RATE):  # libsndfile keeps a whole write on its stack
            ogg.write(sound.data[start : start + RATE])
    return _repaged(file.getvalue())


def decode(ogg: bytes) -> Sound:
    """Read what `encode` wrote; raises SpeechError for anything that is no sound."""
    try:
        data, rate = soundfile.read(io.BytesIO(ogg), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise SpeechError("Tệp âm thanh bị hỏng, không giải mã được; hãy tạo lại bản ghi.") from error
    return at_our_rate(data.mean(axis=1), rate)


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
        table.append(crc & 0xFFFFFFFF)
    return table


_CRC = _crc_table()


def _crc(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _CRC[(crc >> 24) ^ byte]
    return crc


@dataclass(slots=True)
class _Page:
    """A page of RFC 3533: flags, position, the table of segment lengths, and the packets."""

    flags: int
    position: bytes
    table: bytes
    packets: bytes

    def written(self, number: int) -> bytes:
        head = b"OggS\0" + bytes([self.flags]) + self.position + _SERIAL + number.to_bytes(4, "little")
        rest = bytes([len(self.table)]) + self.table + self.packets
        return head + _crc(head + bytes(4) + rest).to_bytes(4, "little") + rest


def _pages(ogg: bytes) -> Iterator[_Page]:
    start = 0
    while start < len(ogg):
        assert ogg[start : start + 4] == b"OggS", "libsndfile wrote a broken page"
        body = start + 27 + ogg[start + 26]
        table = ogg[start + 27 : body]
        end = body + sum(table)
        yield _Page(ogg[start + 5], ogg[start + 6 : start + 14], table, ogg[body:end])
        start = end


def _repaged(ogg: bytes) -> bytes:
    """Write the pages again with our serial number instead of a random one, and as full as the format allows.

    libsndfile begins a page every second; in an emergency of 40 KB the spared headers are a second of speech.
    """
    pages: list[_Page] = []
    for number, page in enumerate(_pages(ogg)):
        if number > _HEADERS and len(pages[-1].table) + len(page.table) <= _FULL:
            last = pages[-1]
            last.flags |= page.flags & _LAST
            last.position = page.position
            last.table += page.table
            last.packets += page.packets
        else:
            pages.append(page)
    return b"".join(page.written(number) for number, page in enumerate(pages))
