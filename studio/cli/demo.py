"""`loa demo`: the whole road on this machine, with a real broker and three real agents."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from studio.cli import words
from studio.demo.play import play

app = words.group()


@app.command(
    help="Trình diễn trọn đường đi của một bản tin trên máy này: phòng thu, ba cụm loa, hai lượt phát."
)
def demo(
    exits: Annotated[
        bool,
        typer.Option(
            "--exit", help="Tự kết thúc; mã thoát 0 chỉ khi mọi cụm loa đã phát trọn âm thanh được duyệt."
        ),
    ] = False,
    bulletins: Annotated[
        Path,
        typer.Option(
            "--bulletins", help="Thư mục chứa các bản tin .txt để nhập.", exists=True, file_okay=False
        ),
    ] = Path("tests/data/bulletins"),
    port: Annotated[
        int, typer.Option("--port", help="Cổng của trang web; 0: lấy một cổng trống.", min=0, max=65535)
    ] = 0,
) -> int:
    """Run it and return its exit status."""
    return play(bulletins, port=port, exits=exits, out=Console())
