"""Whatever is thrown at them, readers find something or refuse it in Vietnamese: nothing else comes out."""

import io
import logging
import zipfile
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.imports import docx, html, mhtml, pdf, text
from studio.imports.article import find_article
from studio.imports.found import Found, Unreadable
from studio.imports.pdf_layout import lines
from studio.imports.pdf_rows import Page, Piece
from studio.imports.readers import read
from tests.support import papers

WHOLE = {
    "text": papers.PASTED.encode()[:4000],
    "html": papers.newspaper()[:9000],
    "mhtml": papers.saved_whole(papers.newspaper().decode()[:3000].encode()),
    "docx": papers.word(papers.announcement),
    "pdf": papers.paper(lambda paper: paper.paragraph(papers.PARAGRAPHS[0])),
}
FEW = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
BYTES = st.binary(min_size=1, max_size=12)


def holds(reader: Callable[[bytes], Found], data: bytes) -> None:
    try:
        found = reader(data)
    except Unreadable as error:
        assert "hãy" in error.message.casefold(), error.message
    else:
        assert any(map(str.isalpha, found.whole))
        assert "\n" not in found.title
        assert all("\0" not in line.text for line in found.lines)


@pytest.fixture(autouse=True)
def no_reader_stumbles_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What a reader did not foresee is logged: a fault of ours, to be named in that reader."""
    with caplog.at_level(logging.ERROR, logger="studio.imports"):
        yield
    assert [record.exc_info for record in caplog.records if record.name.startswith("studio.imports")] == []


@FEW
@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.floats(0, 1), BYTES), min_size=1, max_size=8))
def test_files_with_bytes_changed(kind: str, changes: list[tuple[float, bytes]]) -> None:
    data = bytearray(WHOLE[kind])
    for where, with_ in changes:
        at = int(where * (len(data) - len(with_)))
        data[at : at + len(with_)] = with_
    holds(read, bytes(data))


@FEW
@given(st.sampled_from(sorted(WHOLE)), st.floats(0.01, 0.99), BYTES)
def test_files_cut_short_with_something_behind(kind: str, keep: float, behind: bytes) -> None:
    holds(read, WHOLE[kind][: int(len(WHOLE[kind]) * keep)] + behind)


@FEW
@given(st.binary(max_size=400))
@pytest.mark.parametrize("reader", [read, text.read, html.read, mhtml.read, docx.read, pdf.read])
def test_any_bytes(reader: Callable[[bytes], Found], data: bytes) -> None:
    holds(reader, data)


@FEW
@given(
    st.sampled_from(["word/document.xml", "word/styles.xml", "word/numbering.xml", "[Content_Types].xml"]),
    st.floats(0, 1),
    st.sampled_from(
        [
            b"<w:p>",
            b"</w:p>",
            b"<w:tbl/>",
            b"<w:tc>",
            b'w:val=""',
            b'"x"',
            b"<",
            b"&amp;",
            b"\xff",
            b"<w:numPr/>",
        ]
    ),
)
def test_word_documents_with_other_xml_inside(part: str, where: float, what: bytes) -> None:
    def spoil(name: str, data: bytes) -> bytes:
        at = int(where * len(data))
        return data if name != part else data[:at] + what + data[at:]

    holds(docx.read, papers.changed(WHOLE["docx"], spoil))


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "table",
        "tr",
        "td",
        "br",
        "h1",
        "script",
        "a",
        "li",
        "article",
        "title",
        "meta",
        "body",
        "frameset",
    ]
)
TREE = st.recursive(
    st.text(max_size=60),
    lambda inside: st.tuples(TAGS, st.lists(inside, max_size=4)).map(
        lambda made: (
            f"<{made[0]} style='display:none' hidden>{''.join(made[1])}</{made[0]}>"
            if len(made[1]) == 3
            else f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
        )
    ),
    max_leaves=30,
)


@FEW
@given(TREE, st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_page(page: str, encoding: str) -> None:
    holds(html.read, f"<html>{page}</html>".encode(encoding, "replace"))


@FEW
@given(st.lists(st.text(alphabet="aáâ.0°: \t\u00adĐ«»\uf0b7", max_size=160), max_size=40))
def test_any_lines(page: list[str]) -> None:
    holds(lambda data: find_article(data.decode()), "\n".join(page).encode())


SIZE = st.floats(-50, 700, allow_nan=False)


@FEW
@given(
    st.lists(
        st.lists(st.tuples(st.text(min_size=1, max_size=9), SIZE, SIZE, SIZE, st.floats(0, 40)), max_size=25),
        max_size=4,
    )
)
def test_pieces_anywhere_on_pages_are_all_told(
    pages: list[list[tuple[str, float, float, float, float]]],
) -> None:
    printed = [
        Page(595, 842, tuple(Piece(t, min(a, b), max(a, b), y, y + high) for t, a, b, y, high in page))
        for page in pages
    ]
    told = "".join(line.text for line in lines(printed))
    wanted = sorted(c for page in pages for piece in page for c in piece[0] if c.isalnum())
    assert sorted(filter(str.isalnum, told)) == wanted


def test_a_zip_that_lies_about_its_sizes() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"<Types/>" * 1000)
        package.writestr("word/document.xml", b"<w:p/>" * 100_000)
    data = written.getvalue()
    for true in (600_000, 8_000):
        data = data.replace(true.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    holds(read, data)
