"""`loa fleet`: the loudspeakers, from a technician's desk. Everything goes over the studio's API."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from studio import moments
from studio.cli import fleet_tables, lasting, orders, words
from studio.cli.client import StudioClient
from studio.cli.exits import CliError, Exit
from studio.cli.lasting import in_path
from studio.cli.orders import Outcome, Target
from studio.errors import Invalid

app = words.group("Các cụm loa: xem, ghi danh, đặt âm lượng, tắt tiếng, dừng, tự kiểm tra.")
# Into a pipe or a file a table is as wide as it likes.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
Id = Annotated[str, typer.Argument(help="Mã cụm loa.", metavar="MÃ")]
Ids = Annotated[list[str], typer.Argument(help="Mã của một hay nhiều cụm loa.", metavar="MÃ...")]
Wait = Annotated[
    int,
    typer.Option("--wait", help="Chờ trả lời tối đa bao nhiêu giây.", metavar="GIÂY", parser=words.seconds),
]


@app.command("list", help="Liệt kê cụm loa và tình trạng của từng cụm.")
def list_devices(
    zone: Annotated[
        str | None, typer.Option("--zone", help="Chỉ các cụm loa của vùng này.", metavar="MÃ-VÙNG")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the devices."""
    with StudioClient.of_account() as studio:
        found = studio.get("/devices", **({"zone": zone} if zone else {}))
    if as_json:
        _tell(found)
    elif found:
        out.print(fleet_tables.fleet(found))
    else:
        out.print("Chưa có cụm loa nào. Thêm cụm đầu tiên: loa fleet enrol MÃ --name TÊN", soft_wrap=True)


@app.command(help="Xem mọi điều biết được về một cụm loa.")
def show(device: Id, as_json: AsJson = False) -> None:
    """Show one device."""
    with StudioClient.of_account() as studio:
        found = studio.get(f"/devices/{in_path(device)}")
    if as_json:
        _tell(found)
    else:
        out.print(fleet_tables.facts(found))


@app.command(help="Lấy mã ghi danh dùng một lần, và in cả dòng lệnh cần gõ trên hộp loa.")
def enrol(
    device: Id,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Thêm cụm loa mới với tên này trước, nếu chưa có.", metavar="TÊN"),
    ] = None,
    zone: Annotated[
        list[str] | None,
        typer.Option("--zone", help="Vùng của cụm loa mới; ghi nhiều lần được.", metavar="MÃ-VÙNG"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a code of enrolment; with --name the device is added first."""
    if zone and name is None:
        raise CliError("--zone chỉ dùng cùng --name, khi thêm cụm loa mới.", Exit.USAGE)
    with StudioClient.of_account() as studio:
        if name is not None:
            studio.post("/devices", {"id": device, "name": name, "zones": zone or []})
        given = studio.post(f"/devices/{in_path(device)}/enrolment-code")
        line = f"loa-agent enrol --studio {studio.url} --code {given['code']}"
    if as_json:
        _tell(given | {"command": line})
        return
    out.print("Gõ dòng này trên hộp loa:", soft_wrap=True)
    out.print(line, markup=False, soft_wrap=True)
    until = fleet_tables.local(given["expires_at"])
    out.print(f"Mã dùng được một lần, đến {until}. Mã lấy trước đó hết hiệu lực.", soft_wrap=True)


@app.command(help="Đặt âm lượng (0–100) cho một hay nhiều cụm loa.")
def volume(
    devices: Ids,
    percent: Annotated[
        int, typer.Argument(help="Âm lượng, 0 đến 100.", metavar="ÂM-LƯỢNG", parser=words.percent)
    ],
    wait: Wait = 10,
    as_json: AsJson = False,
) -> int:
    """Set the volume; 4 if a box does not hold it yet: it hears of it when it is back."""
    return _lasting(
        devices,
        lambda studio, device: studio.patch(f"/devices/{device}", {"volume": percent}),
        f"Đã đặt âm lượng {percent} %",
        wait=wait,
        as_json=as_json,
    )


@app.command(help="Tắt tiếng cụm loa, trừ tin khẩn cấp; đến giờ đã hẹn hoặc đến khi mở lại.")
def mute(
    devices: Ids,
    reason: Annotated[
        str, typer.Option("--reason", help="Vì sao; hiện trên trang cụm loa.", metavar="LÝ-DO")
    ],
    until: Annotated[
        str | None,
        typer.Option("--until", help="Đến khi nào: 2h, 30 phút, 17:30, 24/11/2026 17:30.", metavar="LÚC"),
    ] = None,
    wait: Wait = 10,
    as_json: AsJson = False,
) -> int:
    """Mute devices; 4 if a box does not hold it yet."""
    end = None if until is None else _moment(until)
    wish = {"reason": reason, "until": end and end.isoformat()}
    return _lasting(
        devices,
        lambda studio, device: studio.put(f"/devices/{device}/mute", wish),
        "Đã tắt tiếng" + (f" đến {end:%H:%M %d/%m/%Y}" if end else " đến khi mở lại"),
        wait=wait,
        as_json=as_json,
    )


@app.command(help="Mở tiếng lại.")
def unmute(devices: Ids, wait: Wait = 10, as_json: AsJson = False) -> int:
    """Lift every mute of devices; 4 if a box does not hold it yet."""
    return _lasting(
        devices,
        lambda studio, device: studio.delete(f"/devices/{device}/mute"),
        "Đã mở tiếng",
        wait=wait,
        as_json=as_json,
    )


@app.command(help="Dừng ngay mọi thứ đang phát trên các cụm loa, trong một vùng, hoặc tất cả.")
def stop(
    devices: Annotated[
        list[str] | None, typer.Argument(help="Mã của một hay nhiều cụm loa.", metavar="[MÃ]...")
    ] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Dừng cả vùng này.", metavar="MÃ-VÙNG")] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="Dừng tất cả cụm loa.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Không hỏi lại khi dùng --all.")] = False,
    wait: Wait = 10,
    as_json: AsJson = False,
) -> int:
    """Stop what sounds; 4 if somebody did not answer."""
    if bool(devices) + (zone is not None) + everywhere != 1:
        raise CliError("Hãy ghi mã cụm loa, hoặc --zone MÃ-VÙNG, hoặc --all (chỉ một trong ba).", Exit.USAGE)
    with StudioClient.of_account() as studio:
        if everywhere:
            if not yes:
                typer.confirm("Dừng phát trên TẤT CẢ cụm loa?", abort=True)
            targets = orders.everything(studio)
        else:
            targets = [Target(zone=zone)] if zone else [Target(device=each) for each in devices or ()]
        outcome = orders.give(studio, "stop", targets, wait_s=wait, console=err)
    return _answered(outcome, as_json=as_json)


@app.command("self-test", help="Cho cụm loa tự kiểm tra và báo kết quả.")
def self_test(devices: Ids, wait: Wait = 30, as_json: AsJson = False) -> int:
    """Let devices test themselves; 4 if somebody did not answer or failed."""
    with StudioClient.of_account() as studio:
        targets = [Target(device=device) for device in devices]
        outcome = orders.give(studio, "self-test", targets, wait_s=wait, console=err)
    return _answered(outcome, as_json=as_json)


def _moment(typed: str) -> datetime:
    try:
        return moments.moment(typed, datetime.now(UTC).astimezone())
    except Invalid as error:
        raise CliError(f"--until: {error.message}", Exit.USAGE) from error


def _lasting(devices: Sequence[str], change: lasting.Change, done: str, *, wait: int, as_json: bool) -> int:
    """Change what lasts on devices, and tell of each whether its box has it; 4 if one has not."""
    with StudioClient.of_account() as studio:
        settled = lasting.settle(studio, devices, change, wait_s=wait, console=err)
    if as_json:
        _tell(list(settled.devices))
    for device in settled.devices if not as_json else ():
        out.print(f"{device['id']}: {done}{_held(device)}.", markup=False, soft_wrap=True)
    said = list(settled.refused)
    if settled.silent:
        said.append(f"Chưa nhận: {', '.join(settled.silent)}; khi có mạng cụm loa sẽ tự nhận.")
    if said:
        raise CliError(" ".join(said), Exit.ERROR if settled.refused else Exit.SILENT)
    return Exit.OK


def _held(device: dict[str, Any]) -> str:
    if device["held"]:
        return ", cụm loa đã nhận"
    return " (chưa ghi danh: sẽ nhận khi có hộp)" if device["state"] == "new" else ", cụm loa chưa nhận"


def _answered(outcome: Outcome, *, as_json: bool) -> int:
    if as_json:
        _tell(list(outcome.answers))
    elif outcome.answers:
        out.print(fleet_tables.replies(outcome.answers))
    else:
        out.print("Không có cụm loa nào đã ghi danh ở đó.")
    said = []
    if outcome.silent:
        said.append(f"Không trả lời: {', '.join(outcome.silent)}.")
    if outcome.failed:
        said.append(f"Không làm được: {', '.join(outcome.failed)}.")
    if said:
        raise CliError(" ".join(said), Exit.SILENT)
    return Exit.OK


def _tell(what: Any) -> None:
    out.print(json.dumps(what, ensure_ascii=False), markup=False, soft_wrap=True)
