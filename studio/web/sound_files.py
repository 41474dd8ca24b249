"""/sounds/<sha256>.ogg: public speech, for loudspeakers and browsers; cached for ever, resumed after a break."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from studio.errors import NotFound
from studio.web.doors import TheSounds

router = APIRouter()
_PIECE = 256 * 1024
_DIGITS = 36
"""Of both ends of a range together; more is not understood."""


@router.api_route("/sounds/{sha256}.ogg", methods=["GET", "HEAD"])
def sound(sha256: str, request: Request, sounds: TheSounds) -> Response:
    """Serve a sound, whole (200), in part (206), not again (304), or not that part (416)."""
    path = sounds.path(sha256)
    if not path.is_file():
        raise NotFound("Không có âm thanh này.")
    size = path.stat().st_size
    headers = {
        "ETag": f'"{sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    if sha256 in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    wanted = _range(request, sha256, size)
    if wanted is None:
        return _stream(path, 0, size, request=request, status=200, headers=headers)
    first, last = wanted
    if first >= size or last < first:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _stream(path, first, last + 1 - first, request=request, status=206, headers=headers)


def _range(request: Request, sha256: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for all of it (RFC 9110: what is not understood is ignored)."""
    unit, _, spec = request.headers.get("range", "").partition("=")
    first, dash, last = spec.strip().partition("-")
    if unit.strip() != "bytes" or not dash or not (first + last).isdecimal() or len(first + last) > _DIGITS:
        return None
    if request.headers.get("if-range", f'"{sha256}"') != f'"{sha256}"':
        return None
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) else (size, size)
    return int(first), min(int(last), size - 1) if last else size - 1


def _stream(
    path: Path, start: int, count: int, *, request: Request, status: int, headers: dict[str, str]
) -> Response:
    headers = headers | {"Content-Length": str(count)}
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="audio/ogg")
    file = path.open("rb")
    file.seek(start)
    return StreamingResponse(_pieces(file, count), status, headers, media_type="audio/ogg")


def _pieces(file: BinaryIO, count: int) -> Iterator[bytes]:
    with file:
        while count > 0 and (piece := file.read(min(_PIECE, count))):
            count -= len(piece)
            yield piece
