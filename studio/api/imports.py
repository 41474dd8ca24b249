"""/imports: the bulletin in a file or in pasted text, for programs. Nothing is saved."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from studio.api.shapes import Shape
from studio.imports.found import Found, Kind, Part
from studio.web.doors import Importer, TheServices

router = APIRouter(tags=["bulletins"])


class LineShape(Shape):
    """One line of the original."""

    text: str
    """What it says."""
    part: Part
    """What it is to the bulletin: `title`, `body` or `left_out`."""


class FoundShape(Shape):
    """What was found in a file or in pasted text."""

    kind: Kind
    """What was brought, told by its content."""
    title: str
    """The bulletin's name, one line; may be empty."""
    text: str
    """Title and body as they follow each other: what a person would save."""
    body: str
    """The paragraphs, one a line, without the title."""
    left_out: list[str]
    """The lines that do not belong to the bulletin: menus, related stories, page numbers."""
    lines: list[LineShape]
    """Everything that could be read, in reading order."""
    warnings: list[str]
    """What a person should look at; Vietnamese."""

    @classmethod
    def of(cls, found: Found) -> "FoundShape":
        """From what the readers say."""
        return cls.model_validate(found)


@router.post("/imports")
def bring_in(
    services: TheServices,
    _: Importer,
    file: Annotated[
        UploadFile | None, File(description="TXT, HTML, MHTML, DOCX or PDF, at most 20 MB")
    ] = None,
    text: Annotated[str, Form(description="Pasted text, if there is no file")] = "",
) -> FoundShape:
    """Find the bulletin in a file, or in pasted text. 422 if none can be had from it, 429 while others wait."""
    return FoundShape.of(services.imports.read(file.file.read() if file else text.encode()))
