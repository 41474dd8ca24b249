"""`loa speech`: try how a text is read and spoken, on this computer, without a studio."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from studio.cli import engines as engine_commands
from studio.cli import words
from studio.cli.exits import CliError
from studio.cli.settings import read_settings
from tts import engines
from tts.errors import SpeechError
from tts.text.bulletin import read_bulletin
from tts.text.read import read as read_text
from tts.text.reading import Reading

app = words.group("Thử cách đọc và giọng đọc trên máy này.")
out, err = Console(highlight=False), Console(stderr=True, highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]


@app.command(
    help="In ra lời sẽ đọc: mỗi dòng vào là một văn bản, mỗi dòng ra là lời đọc của nó. "
    "Chỗ máy không chắc in ở đầu ra lỗi."
)
def read(
    file: Annotated[
        Path | None, typer.Argument(help="Tệp văn bản; bỏ trống hoặc «-» là đầu vào chuẩn.", metavar="TỆP")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Cả tệp là một bản tin: bỏ quốc hiệu, nơi nhận, chữ ký.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the reading of each line, or of the whole as one bulletin."""
    text = _text(file)
    if whole:
        _print_reading(read_bulletin(text), as_json=as_json)
        return
    for line in text.removesuffix("\n").split("\n") if text else ():
        _print_reading(read_text(line), as_json=as_json)


def _print_reading(reading: Reading, *, as_json: bool) -> None:
    if as_json:
        told = {
            "spoken": reading.spoken,
            "spans": [_plain(span, "rule", "spoken") for span in reading.spans],
            "warnings": [_plain(doubt, "message") for doubt in reading.warnings],
        }
        out.print(json.dumps(told, ensure_ascii=False), markup=False, soft_wrap=True)
        return
    out.print(reading.spoken, markup=False, soft_wrap=True)
    for doubt in reading.warnings:
        err.print(f"Xem lại «{doubt.source}»: {doubt.message}", markup=False, soft_wrap=True, style="yellow")


@app.command(help="Đọc một câu hay một đoạn thành tệp âm thanh Ogg Opus như khi lên sóng.")
def say(
    text: Annotated[str, typer.Argument(help="Lời cần đọc; «-» là đầu vào chuẩn.", metavar="LỜI")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Tệp âm thanh sẽ ghi.", metavar="TỆP")],
    engine: Annotated[
        str, typer.Option("--engine", help="Bộ đọc; xem: loa speech voices.", metavar="TÊN")
    ] = "espeak",
    voice: Annotated[
        str | None, typer.Option("--voice", help="Giọng của bộ đọc; mặc định là giọng đầu.", metavar="TÊN")
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            "--preset",
            help="Nơi đặt loa: quiet (thôn xóm yên tĩnh) hoặc market (chợ, nơi ồn ào).",
            metavar="KIỂU",
        ),
    ] = "quiet",
    twice: Annotated[bool, typer.Option("--twice", help="Đọc số văn bản và số điện thoại hai lần.")] = False,
    master: Annotated[
        Path | None,
        typer.Option("--master", help="Ghi cả bản gốc đủ dải tần (FLAC) vào tệp này.", metavar="TỆP"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Speak a text into a file."""
    from tts import speak  # mastering brings scipy along; reading need not wait for it

    text = _text(None) if text == "-" else text
    try:
        with Bar(console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("Đang đọc", total=None)
            spoken = speak.speak(
                text,
                engine=engines.load(engine, read_settings().engine_options),
                voice=voice,
                preset=preset,
                twice=twice,
                master=master,
                progress=lambda told: bar.update(task, completed=told.done, total=told.total),
            )
        output.write_bytes(spoken.ogg)
    except SpeechError as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(f"Không ghi được {output}: {error.strerror or error}.") from error
    told = {"file": str(output), "sha256": spoken.sha256, "seconds": round(spoken.seconds, 3)}
    told |= {"bytes": len(spoken.ogg), "engine": spoken.engine, "voice": spoken.voice, "preset": preset}
    told |= {"quality": spoken.quality.model_dump(mode="json")}
    said = (
        f"{output}: {spoken.seconds:.1f} giây, {len(spoken.ogg) / 1000:.0f} KB, giọng {spoken.voice}, "
        f"{spoken.quality.lufs:g} LUFS, đỉnh {spoken.quality.true_peak:g} dBTP."
    )
    out.print(json.dumps(told, ensure_ascii=False) if as_json else said, markup=False, soft_wrap=True)
    for fault in spoken.quality.faults:
        err.print(fault, markup=False, soft_wrap=True, style="yellow")


def _text(file: Path | None) -> str:
    try:
        raw = sys.stdin.buffer.read() if file is None or str(file) == "-" else file.read_bytes()
        return raw.decode()
    except UnicodeDecodeError as error:
        raise CliError(f"{file or 'Đầu vào'} không phải văn bản UTF-8; hãy lưu lại dạng UTF-8.") from error
    except OSError as error:
        raise CliError(f"Không đọc được {file}: {error.strerror or error}.") from error


def _plain(span: object, *more: str) -> dict[str, object]:
    return {name: getattr(span, name) for name in ("start", "end", "source", *more)}


engine_commands.add_to(app)
