"""Tells the demo's story in a terminal, and judges it."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table

from studio.airings import STATE_NAMES, State
from studio.demo import story
from studio.demo.processes import DemoError, Processes, ended_by_signals
from studio.demo.station import Station, open_studio, put_up_loudspeakers
from studio.demo.story import Show

COLOURS = {"finished": "green", "started": "cyan", "planned": "dim", "waiting": "dim"}
LONGEST_S = 600.0
"""An airing of the demo that has not ended by then never will."""


def play(bulletins: Path, *, port: int, exits: bool, out: Console) -> int:
    """Run the demo. Returns the exit status: 0 only if every airing ended `finished` and was heard whole."""
    folder = Path(tempfile.mkdtemp(prefix="loa-demo-"))
    processes = Processes(folder)
    status = 1
    try:
        with ended_by_signals():
            status = _story(bulletins, folder, processes, port=port, exits=exits, out=out)
    except DemoError as error:
        out.print(f"[red]Trình diễn dừng lại:[/red] {error}", highlight=False)
    except KeyboardInterrupt:
        out.print("Đang dừng…", highlight=False)
        status = 130 if exits else 0
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _story(
    bulletins: Path, folder: Path, processes: Processes, *, port: int, exits: bool, out: Console
) -> int:
    def say(text: str) -> None:
        out.print(text, highlight=False, soft_wrap=True)

    say("Lập phòng thu, khóa gốc, ba người dùng…")
    station = open_studio(folder, processes, port=port)
    # What is compared must be written down: with --exit the player is always `wav`.
    player = "alsa" if not exits and _has_sound_card() else "wav"
    say(f"Ghi danh ba cụm loa (bộ phát «{player}», đồng hồ của máy này: giả định đúng)…")
    put_up_loudspeakers(station, player=player)
    _tell_log_ins(station, say)
    officer, leader = station.people["canbo"], station.people["lanhdao"]
    written = story.write(officer, bulletins)
    say(f"Đã nhập {len(written)} bản tin, trong đó một trang báo đã lọc lấy bài viết.")
    bulletin = written[story.SPOKEN]
    with out.status("Đang đọc bản tin pháp luật…") as progress:
        for far in story.record(officer, bulletin):
            progress.update(f"Đang đọc bản tin pháp luật… {far}")
    story.approve(officer, leader, bulletin)
    say("Cán bộ trình, lãnh đạo đã nghe và duyệt.")
    shows: list[Show] = []
    with Live(
        console=out, refresh_per_second=4, transient=True, get_renderable=lambda: _table(station, shows)
    ):
        shows.append(story.book(station, bulletin))
        _follow(station, shows[-1])
        shows.append(story.raise_alarm(station))
        _follow(station, shows[-1])
    out.print(_table(station, shows))
    good = _judge(station, shows, say, compared=player == "wav")
    if not exits:
        say(f"Mở {station.url} để xem và thử tiếp. Ctrl-C để dừng; mọi thứ sẽ được dọn sạch.")
        while True:
            processes.check()
            time.sleep(1)
    if good:
        devices = {device for show in shows for device in show.on}
        say(f"demo: {len(shows)} airings finished on {len(devices)} devices")
    return 0 if good else 1


def _follow(station: Station, show: Show) -> None:
    end = time.monotonic() + LONGEST_S
    while not show.ended:
        if time.monotonic() > end:
            raise DemoError(f"«{show.title}» chưa kết thúc sau {LONGEST_S:.0f} giây.")
        time.sleep(0.5)
        station.processes.check()
        story.look(station, show)


def _judge(station: Station, shows: list[Show], say: Callable[[str], None], *, compared: bool) -> bool:
    good = all(show.finished for show in shows)
    for show in shows if compared else ():
        for device, match in story.heard(station, show).items():
            whole = match is not None and match.heard
            good = good and whole
            likeness = (
                "không có bản ghi"
                if match is None
                else f"giống {match.score:.3f}, đoạn kém nhất {match.worst:.3f}"
            )
            say(f"  {'✓' if whole else '✗'} {device}: {show.title}: {likeness}")
    return good


def _tell_log_ins(station: Station, say: Callable[[str], None]) -> None:
    say(f"\nTrang của phòng thu: [bold]{station.url}[/bold]")
    for name, person in station.people.items():
        say(f"  đăng nhập: {name:8}  mật khẩu: {person.password}")
    say("")


def _table(station: Station, shows: list[Show]) -> RenderableType:
    drawn = Table(title="Lượt phát trên từng cụm loa", title_justify="left")
    drawn.add_column("Lượt phát")
    drawn.add_column("Giờ")
    for device in station.devices:
        drawn.add_column(device)
    for show in shows:
        at = f"{show.starts_at.astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%H:%M:%S}"
        drawn.add_row(show.title, at, *(_cell(show, device) for device in station.devices))
    return Group(drawn)


def _cell(show: Show, device: str) -> str:
    if device not in show.on:
        return "[dim]–[/dim]"
    cell = show.on[device]
    colour = COLOURS.get(cell.state, "red")
    why = f": {cell.why}" if cell.why and cell.state in {"partial", "failed", "skipped"} else ""
    return f"[{colour}]{STATE_NAMES[State(cell.state)]}{why}[/{colour}]"


def _has_sound_card() -> bool:
    cards = Path("/proc/asound/cards")
    return cards.exists() and "no soundcards" not in cards.read_text()
