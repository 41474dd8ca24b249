"""`loa bench`: how fast the whole is on this machine, beside the barest program that does the same work."""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console

from studio.bench import pages, stored
from studio.bench.figures import Figure, machine, table
from studio.bench.own_broker import own_broker
from studio.bench.processes import room_for
from studio.bench.road import plan_to_last_agent
from studio.cli import words
from studio.cli.exits import CliError, Exit
from tts.errors import SpeechError

out, err = Console(highlight=False), Console(stderr=True, highlight=False)
SPARE_FILES = 200
"""Besides a connection for each agent or device."""
ENDED_BY_SIGNAL = 143


class _Benchmarks(words.Group):
    """Names the benchmarks there are to whoever asks for another."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            there = ", ".join(sorted(self.commands))
            raise CliError(f"Không có phép đo «{args[0]}». Các phép đo hiện có: {there}.", Exit.USAGE)
        return super().resolve_command(ctx, args)


app: typer.Typer = words.Room(
    cls=_Benchmarks,
    help="Đo tốc độ trên máy này, bên cạnh chương trình tối giản làm cùng việc. Chỉ đo, không phán xét.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    options_metavar="[TÙY CHỌN]",
    subcommand_metavar="PHÉP-ĐO [TÙY CHỌN]...",
)


@app.callback()
def _bench() -> None:
    """Hold the benchmarks together."""


def _count(text: str) -> int:
    """Parse a number of things, 1 to 100,000."""
    text = str(text).strip()
    if not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= 100_000:
        raise typer.BadParameter("phải là số nguyên từ 1 đến 100000.")
    return int(text)


def _option(name: str, about: str) -> Any:
    return typer.Option(name, help=about, parser=_count, metavar="SỐ")


@app.command(help="Đường đi: kế hoạch đến cụm loa cuối cùng, báo cáo đến cơ sở dữ liệu, thời gian mở trang.")
def road(
    agents: Annotated[
        int, _option("--agents", "Số cụm loa mô phỏng cùng nhận và kiểm chữ ký kế hoạch.")
    ] = 1000,
    rounds: Annotated[int, _option("--rounds", "Số lần đo mỗi việc cả loạt.")] = 5,
    reports: Annotated[
        int, _option("--reports", "Số báo cáo của một loạt, chia đều cho các cụm loa.")
    ] = 2000,
    devices: Annotated[int, _option("--devices", "Số cụm loa gửi báo cáo, và có trên các trang.")] = 1000,
    singles: Annotated[int, _option("--singles", "Số báo cáo lẻ đo độ trễ.")] = 200,
    zones: Annotated[int, _option("--zones", "Số vùng phát có trên các trang.")] = 64,
    days: Annotated[int, _option("--days", "Số ngày bản tin và lượt phát đã có.")] = 30,
    visits: Annotated[int, _option("--visits", "Số lần mở mỗi trang.")] = 100,
    seed: Annotated[int, _option("--seed", "Hạt giống của dữ liệu ngẫu nhiên.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")] = False,
) -> None:
    """Measure the road of a plan and of a report, and the pages."""
    records = max(1, round(reports / devices))
    reporting = stored.Sizes(devices=devices, records=records, rounds=rounds, singles=singles)
    shown = pages.Sizes(devices=devices, zones=zones, days=days, visits=visits, seed=seed)
    with _place() as folder:
        room_for(max(agents, devices) + SPARE_FILES)
        figures: list[Figure] = []
        with own_broker(_within(folder, "broker")) as port:
            figures += plan_to_last_agent(port, agents=agents, rounds=rounds)
            figures += stored.report_to_row(port, _within(folder, "reports"), reporting)
        figures += pages.page_times(_within(folder, "pages"), shown)
    _tell(figures, as_json=as_json)


@app.command(help="Giọng đọc: đọc hiểu một trang, thành âm thanh hoàn chỉnh, bộ nhớ cần dùng.")
def speech(
    characters: Annotated[int, _option("--characters", "Số ký tự của trang.")] = 3800,
    rounds: Annotated[int, _option("--rounds", "Số lần đo mỗi việc.")] = 3,
    seed: Annotated[int, _option("--seed", "Hạt giống của nội dung trang.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")] = False,
) -> None:
    """Measure how a page is read and spoken."""
    from studio.bench import speech as measured  # mastering brings scipy along; the road need not wait for it

    try:
        with _place():
            figures = list(measured.speech(measured.Sizes(characters, rounds, seed)))
    except SpeechError as error:
        raise CliError(str(error)) from error
    _tell(figures, as_json=as_json)


def _tell(figures: Iterable[Figure], *, as_json: bool) -> None:
    if as_json:
        told = [figure.model_dump(mode="json") for figure in figures]
        out.print(json.dumps(told, ensure_ascii=False), markup=False, soft_wrap=True)
        return
    out.print(f"Máy: {machine()}", markup=False, soft_wrap=True)
    out.print(table(figures))


@contextmanager
def _place() -> Iterator[Path]:
    """A folder for everything that a benchmark writes; gone at the end, also after SIGTERM. Says what broke."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(ENDED_BY_SIGNAL)

    before = signal.signal(signal.SIGTERM, end)
    folder = Path(tempfile.mkdtemp(prefix="loa-bench-"))
    try:
        yield folder
    except (TimeoutError, EOFError, ConnectionError) as error:
        err.print(f"{type(error).__name__}: {error}", markup=False, soft_wrap=True, style="yellow")
        raise CliError(
            "Phép đo dừng giữa chừng vì một phần không trả lời kịp; máy có lẽ quá bận hoặc thiếu bộ nhớ. "
            "Hãy thử lại, hoặc đo với ít cụm loa hơn (--agents, --devices)."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def _within(folder: Path, name: str) -> Path:
    inside = folder / name
    inside.mkdir()
    return inside
