"""POST /api/v1/imports: for programs, what the pages do for people."""

from typing import Any

import httpx
import pytest

from studio.models.users import Role
from tests.support import papers
from tests.support.papers import HEADLINE, PARAGRAPHS

PASSWORD = "chim hót đầu xuân"


@pytest.fixture
def program(open_client: Any, person: Any) -> Any:
    def log_in(role: Role) -> httpx.Client:
        person(role.value, role)
        client: httpx.Client = open_client()
        token = client.post("/api/v1/sessions", json={"user": role.value, "password": PASSWORD}).json()[
            "token"
        ]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    return log_in


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("html", papers.newspaper()),
        ("mhtml", papers.saved_whole(papers.newspaper())),
        ("text", papers.PASTED.encode()),
    ],
    ids=["html", "mhtml", "text"],
)
def test_the_article_in_a_file_is_found(program: Any, kind: str, data: bytes) -> None:
    answer = program(Role.OFFICER).post("/api/v1/imports", files={"file": ("tin.bin", data)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["kind"], told["title"], told["warnings"]) == (kind, HEADLINE, [])
    assert told["body"].split("\n") == PARAGRAPHS
    assert told["text"].split("\n") == [HEADLINE, *PARAGRAPHS]
    parts = {
        part: [each["text"] for each in told["lines"] if each["part"] == part]
        for part in ("title", "left_out")
    }
    assert parts == {"title": [HEADLINE], "left_out": told["left_out"]}


def test_pasted_text_needs_no_file(program: Any) -> None:
    told = program(Role.OFFICER).post("/api/v1/imports", data={"text": papers.PASTED}).json()
    assert told["body"].split("\n") == PARAGRAPHS


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"files": {"file": ("a.pdf", papers.scanned())}}, "ảnh quét"),
        ({"files": {"file": ("a.docx", b"")}}, "Tệp rỗng"),
        ({"data": {"text": " "}}, "Tệp rỗng"),
        ({"data": {"text": "123 456"}}, "không có chữ nào"),
    ],
    ids=["scan", "empty file", "empty text", "figures"],
)
def test_what_cannot_be_read_is_a_problem_that_says_what_to_mend(
    program: Any, sent: dict[str, Any], why: str
) -> None:
    answer = program(Role.OFFICER).post("/api/v1/imports", **sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert why in answer.json()["detail"]


def test_nothing_is_saved(program: Any) -> None:
    officer = program(Role.OFFICER)
    officer.post("/api/v1/imports", files={"file": ("tin.html", papers.newspaper())})
    assert officer.get("/api/v1/bulletins").json() == []


def test_only_who_writes_bulletins_brings_some_in(program: Any, open_client: Any) -> None:
    file = {"file": ("tin.txt", b"Xin chao")}
    assert program(Role.TECHNICIAN).post("/api/v1/imports", files=file).status_code == 403
    assert open_client().post("/api/v1/imports", files=file).status_code == 401


def test_it_is_described_for_programs(program: Any) -> None:
    told = program(Role.OFFICER).get("/api/v1/openapi.json").json()
    sent = told["paths"]["/api/v1/imports"]["post"]["requestBody"]["content"]
    assert list(sent) == ["multipart/form-data"]
    shape = told["components"]["schemas"]["FoundShape"]["properties"]
    assert all("description" in field or "$ref" in field for field in shape.values())
