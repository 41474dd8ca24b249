"""Around every answer: a limit to what is taken in, and the headers that keep a browser safe. Plain ASGI, for SSE."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.errors import StudioError, TooLarge
from studio.web.answers import SAFE_HEADERS, refuse

LARGEST_BODY = 8 * 1024 * 1024
LARGEST_UPLOAD = 64 * 1024 * 1024
"""Where files are taken: more than a file may have, so that the form can say so and keep what was typed."""
UPLOADS = frozenset({"/ban-tin/nhap", "/api/v1/imports"})
"""Paths that take files."""


class SafeHeaders:
    """Adds the security headers to every answer. No inline script runs anywhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class LimitBody:
    """Refuses a request that is larger than any honest one, before it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        error = self._fault(Headers(scope=scope), scope["path"]) if scope["type"] == "http" else None
        if error is None:
            await self.app(scope, receive, send)
        else:
            await refuse(Request(scope), error)(scope, receive, send)

    @staticmethod
    def _fault(headers: Headers, path: str) -> StudioError | None:
        largest = LARGEST_UPLOAD if path in UPLOADS else LARGEST_BODY
        length = headers.get("content-length", "0")
        if "chunked" in headers.get("transfer-encoding", "") or not length.isdecimal():
            fault = StudioError("Yêu cầu phải ghi rõ độ dài (Content-Length).")
            fault.status = 411
            return fault
        if len(length) > 18 or int(length) > largest:
            return TooLarge(
                f"Dữ liệu gửi lên lớn hơn {largest // 1024 // 1024} MB. "
                "Hãy chia nhỏ hoặc chỉ dán phần nội dung cần đọc."
            )
        return None
