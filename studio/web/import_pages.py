"""«Nhập từ tệp / dán trang báo»: what was found beside the original, before it goes into the form of a bulletin."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from studio.drafts import LONGEST_TEXT, LONGEST_TITLE, Draft
from studio.errors import Invalid, TooMany
from studio.imports.found import KIND_NAMES
from studio.web.bulletin_pages import form
from studio.web.doors import Importer, TheServices, Writer
from studio.web.pages import go, page

router = APIRouter(prefix="/ban-tin/nhap")
Text = Annotated[str, Form()]
MOST_LINES = 3_000
"""Lines of an original that are shown."""


@router.get("")
def new(request: Request, _: Writer) -> Response:
    """Lead whoever reloads the page of what was found back to the form."""
    return go(request, "/ban-tin/moi")


@router.post("")
def bring_in(
    request: Request,
    services: TheServices,
    _: Importer,
    title: Text = "",
    text: Text = "",
    pasted: Text = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Show what was found in a file, or in what was pasted; whatever was typed before is kept."""
    draft = Draft(title=title, text=text)
    chosen = file if file and file.filename else None
    source = chosen.file.read() if chosen else (pasted if pasted.strip() else text).encode("utf-8", "replace")
    try:
        found = services.imports.read(source)
    except (Invalid, TooMany) as error:
        error.field = "file" if chosen else "pasted"
        return form(request, draft, error=error, pasted=pasted)
    before = text if chosen or pasted.strip() else ""
    return page(
        request,
        "import.html",
        found=found,
        kind=KIND_NAMES[found.kind],
        file=chosen.filename if chosen else "",
        name=(title.strip() or found.title)[:LONGEST_TITLE],
        article=_after(before, found.text),
        whole=_after(before, found.whole),
        has_before=bool(before.strip()),
        lines=[line for line in found.lines if line.text.strip()][:MOST_LINES],
        more=max(0, len(found.lines) - MOST_LINES),
        draft=draft,
        pasted=pasted,
        longest=LONGEST_TEXT,
    )


@router.post("/lay")
def take(request: Request, _: Writer, title: Text = "", text: Text = "", pasted: Text = "") -> Response:
    """Show the form with the text that was taken, or as it was before."""
    return form(request, Draft(title=title, text=text), pasted=pasted)


def _after(before: str, text: str) -> str:
    return f"{before.rstrip()}\n\n{text}" if before.strip() else text
