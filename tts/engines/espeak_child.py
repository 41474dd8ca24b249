"""Says what comes on standard input with eSpeak NG and writes a WAV file to standard output.

A program of its own, run as `python -I -S espeak_child.py LIBRARY DATA VOICE RATE RANGE VOLUME` (an empty DATA is
where the library was built to look): eSpeak NG keeps global state and ends the whole process when it stumbles, so it
never runs inside ours. Standard library only.
"""

import ctypes
import io
import sys
import wave

_AUDIO_OUTPUT_RETRIEVAL = 1
_UTF8 = 1
_RATE, _VOLUME, _RANGE = 1, 2, 4
_POSITION_OF_CHARACTER = 1


def main(library: str, data: str, voice: str, *parameters: str) -> None:
    """Speak standard input; exits with a message on standard error if the library or voice is not there."""
    espeak = ctypes.CDLL(library)
    heard: list[bytes] = []
    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

    def keep(samples: int | None, count: int, _events: int) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = callback_type(keep)
    rate = espeak.espeak_Initialize(_AUDIO_OUTPUT_RETRIEVAL, 0, data.encode() or None, 0)
    if rate <= 0:
        sys.exit(f"eSpeak NG cannot use its data in {data}")
    espeak.espeak_SetSynthCallback(callback)
    if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(f"eSpeak NG has no voice {voice}")
    for parameter, value in zip((_RATE, _RANGE, _VOLUME), parameters, strict=True):
        espeak.espeak_SetParameter(parameter, int(value), 0)
    text = sys.stdin.buffer.read() + b"\0"
    espeak.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, _POSITION_OF_CHARACTER, 0, _UTF8, None, None)
    espeak.espeak_Synchronize()
    sys.stdout.buffer.write(_wav(b"".join(heard), rate))


def _wav(samples: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(samples)
    return file.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
