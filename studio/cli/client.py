"""The studio as the command line sees it: its HTTP API, and what its refusals mean for the exit code."""

from types import TracebackType
from typing import Any, Self

import httpx

from studio.cli import account
from studio.cli.exits import CliError, Exit

NOT_A_STUDIO = "không phải phòng thu Loa; hãy xem lại địa chỉ"


class StudioClient:
    """One studio; answers are JSON. Every method raises CliError with the exit code that fits."""

    def __init__(self, url: str, token: str | None = None, *, timeout_s: float = 30.0) -> None:
        self.url = url
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=timeout_s)

    @classmethod
    def of_account(cls) -> Self:
        """The studio at which somebody is logged in on this computer."""
        known = account.load()
        return cls(known.url, known.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> Any:
        """Ask for something."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Have something made or done."""
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """Change some of something."""
        return self._ask("PATCH", path, json=body)

    def put(self, path: str, body: Any) -> Any:
        """Replace something."""
        return self._ask("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """Take something away."""
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        try:
            answer = self._http.request(method, path, **what)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise CliError(
                f"Không kết nối được tới phòng thu ở {self.url} ({error}). "
                "Hãy kiểm tra địa chỉ, mạng, và phòng thu có đang chạy không.",
                Exit.UNREACHABLE,
            ) from error
        if answer.is_success:
            return self._json(answer) if answer.content else None
        raise self._refusal(answer)

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            raise CliError(f"{self.url} {NOT_A_STUDIO}.") from error

    def _refusal(self, answer: httpx.Response) -> CliError:
        try:
            problem = answer.json()
            detail = str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return CliError(f"{self.url} {NOT_A_STUDIO} (trả lời mã {answer.status_code}).")
        code = Exit.FORBIDDEN if answer.status_code in (401, 403) else Exit.ERROR
        return CliError(detail, code)
