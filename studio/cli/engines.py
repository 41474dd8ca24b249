"""The rest of `loa speech`: which voices there are, fetching what they need, and how fast they are here."""

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from studio.cli.exits import CliError
from studio.cli.settings import read_settings
from tts import engines
from tts.engines.vieneu import fetch
from tts.engines.vieneu.models import MODELS, Model
from tts.errors import SpeechError

out, err = Console(highlight=False), Console(stderr=True, highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]

_COLUMNS = {
    "engine": "Bộ đọc",
    "voice": "Giọng",
    "label": "Tên gọi",
    "region": "Miền",
    "gender": "Giới",
    "licence": "Giấy phép",
}


def add_to(app: typer.Typer) -> None:
    """Put the commands into their group."""
    app.command(
        "voices", help="Liệt kê các bộ đọc và giọng: miền, giới, giấy phép, dùng được ngay hay chưa."
    )(voices)
    app.command(
        "fetch-models",
        help="Tải dữ liệu giọng VieNeu về máy này (cần mạng, chỉ một lần). Đứt giữa chừng thì chạy lại.",
    )(fetch_models)
    app.command(
        "measure", help="Đo tốc độ một giọng trên máy này, và cho biết một trang sẽ đọc mất bao lâu."
    )(measure)


def voices(as_json: AsJson = False) -> None:
    """List the engines and their voices, and say what those that cannot speak yet lack."""
    found, lacking = [], []
    options = read_settings().engine_options
    for name in engines.ENGINES:
        engine = engines.load(name, options)
        lacks = engine.lacks()
        try:
            told = engine.voices()
        except SpeechError as error:
            told, lacks = (), str(error)
        found += [
            {"engine": name, "voice": voice.name} | _facts(voice) | {"ready": not lacks} for voice in told
        ]
        if lacks:
            lacking.append(f"{name}: {lacks}")
    if as_json:
        out.print(json.dumps(found, ensure_ascii=False), markup=False, soft_wrap=True)
        return
    table = Table(*_COLUMNS.values())
    for row in found:
        table.add_row(*(str(row[column]) for column in _COLUMNS), style="" if row["ready"] else "dim")
    out.print(table)
    for line in lacking:
        err.print(line, markup=False, soft_wrap=True, style="yellow")


def _facts(voice: engines.Voice) -> dict[str, str]:
    return {name: getattr(voice, name) for name in ("label", "region", "gender", "licence")}


def fetch_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help=f"{' hoặc '.join(MODELS)}; bỏ trống: tất cả.", metavar="MÔ-HÌNH"),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Chỉ hỏi cần tải bao nhiêu.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Tải lại cả những gì đã có, khi nghi tệp bị hỏng.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="In tiến độ dạng JSON, mỗi dòng một bước: file, done, total (byte)."),
    ] = False,
) -> None:
    """Fetch the weights of some models; what came before a cut is kept."""
    models = [_model(name) for name in names or MODELS]
    try:
        if dry:
            _tell_size(fetch.sizes(models), as_json=as_json)
            return
        with Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
            console=err, disable=as_json or not err.is_terminal,
        ) as bar:  # fmt: skip
            task = bar.add_task("Đang hỏi máy chủ")

            def tell(told: fetch.Fetched) -> None:
                bar.update(task, description=told.file, completed=told.done, total=told.total)
                if as_json:
                    out.print(json.dumps(asdict(told)), markup=False, soft_wrap=True)

            came = fetch.fetch(models, tell=tell, again=again)
    except SpeechError as error:
        raise CliError(str(error)) from error
    if not as_json:
        titles = " và ".join(model.title for model in models)
        out.print(f"Đã có dữ liệu giọng {titles} (vừa tải {_megabytes(came)}).", markup=False, soft_wrap=True)


def _tell_size(size: fetch.Fetched, *, as_json: bool) -> None:
    said = f"Cần tải {_megabytes(size.total - size.done)}, đã có {_megabytes(size.done)}."
    out.print(json.dumps(asdict(size)) if as_json else said, markup=False, soft_wrap=True)


def _model(name: str) -> Model:
    if name not in MODELS:
        raise CliError(f"Không có mô hình «{name}»; hãy chọn một trong: {', '.join(MODELS)}.")
    return MODELS[name]


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB".replace(".", ",")


def measure(
    engine: Annotated[str, typer.Option("--engine", help="Bộ đọc; xem: loa speech voices.", metavar="TÊN")],
    voice: Annotated[
        str | None, typer.Option("--voice", help="Giọng của bộ đọc; mặc định là giọng đầu.", metavar="TÊN")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast a voice is here."""
    from tts import speed

    try:
        found = speed.measure(
            engines.load(engine, read_settings().engine_options), voice=voice, clock=time.perf_counter
        )
    except SpeechError as error:
        raise CliError(str(error)) from error
    told = asdict(found) | {"share": found.share, "page": found.page, "page_heard": found.page_heard}
    page = f"{speed.PAGE:,}".replace(",", ".")
    said = (
        f"Giọng {found.voice}: một trang ({page} ký tự, phát {_minutes(found.page_heard)}) đọc mất "
        f"{_minutes(found.page)} trên máy này; khởi động {_minutes(found.start)}."
    )
    out.print(json.dumps(told, ensure_ascii=False) if as_json else said, markup=False, soft_wrap=True)


def _minutes(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} giây".replace(".", ",")
    return f"{int(seconds) // 60} phút {int(seconds) % 60} giây"
