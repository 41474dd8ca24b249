"""Which pieces of a printed page stand in a row, and in which order rows and columns are read. Pure.

Lengths are points (1/72 inch); x grows to the right, y upwards; (0, 0) is the lower left corner.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.imports.titles import is_head

Belongs = Callable[[Sequence["Piece"], Sequence[list["Piece"]]], bool]
Gutter = tuple[float, float]
"""From where to where, in x, nothing is printed."""
NARROWEST = 0.5
"""Of a gutter, in heights of a letter."""
CLOSE = 0.5
"""Of two pieces that are one, in heights of a letter: twice a space."""
PROSE = 5
"""Lines from which a column may be running text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand beside each other, and the box around them."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float

    @property
    def height(self) -> float:
        """How high its letters are, never 0."""
        return max(self.y1 - self.y0, 0.1)

    @property
    def middle(self) -> float:
        """Half its height."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed on one page."""

    width: float
    height: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Lines that are read one after the other: of a page, or of one of its columns; or the rows of a table."""

    lines: tuple[Piece, ...]
    is_table: bool = False
    is_head: bool = False
    """One of the two heads, or of the two feet, of a document: short lines, each by itself."""


@dataclass(frozen=True, slots=True)
class _Block:
    before: int
    """How many of the lines above are part of it."""
    end: int
    flows: tuple[Flow, ...]


def rows(page: Page) -> list[list[Piece]]:
    """The rows of a page from top to bottom, each from left to right."""
    told: list[list[Piece]] = []
    for piece in sorted(page.pieces, key=lambda each: -each.middle):
        if told and _in_row(piece, told[-1]):
            told[-1].append(piece)
        else:
            told.append([piece])
    return [_closed(row) for row in told]


def _in_row(piece: Piece, row: Sequence[Piece]) -> bool:
    """Whether a piece stands beside those of a row: the lines of two columns need not be level."""
    beside = all(piece.x0 >= other.x1 or piece.x1 <= other.x0 for other in row)
    return row[0].middle - piece.middle < (0.75 if beside else 0.5) * min(row[0].height, piece.height)


def flows(page_rows: Sequence[list[Piece]]) -> Iterator[Flow]:
    """Order the rows for reading: columns one after the other where the page has columns of text or two heads."""
    plain: list[Piece] = []
    at = 0
    while at < len(page_rows):
        if len(page_rows[at]) == 1:
            plain += page_rows[at]
            at += 1
            continue
        block = _block(page_rows, at, plain)
        del plain[len(plain) - block.before :]
        if plain:
            yield Flow(tuple(plain))
            plain = []
        yield from block.flows
        at = block.end
    if plain:
        yield Flow(tuple(plain))


def joined(pieces: Sequence[Piece], between: str = " ") -> Piece:
    """One piece of several that stand beside each other."""
    return Piece(
        between.join(piece.text for piece in pieces),
        min(piece.x0 for piece in pieces),
        max(piece.x1 for piece in pieces),
        min(piece.y0 for piece in pieces),
        max(piece.y1 for piece in pieces),
    )


def _closed(row: list[Piece]) -> list[Piece]:
    """The row with the pieces together that no column parts."""
    told: list[Piece] = []
    for piece in sorted(row, key=lambda each: each.x0):
        if told and piece.x0 - told[-1].x1 < CLOSE * min(piece.height, told[-1].height):
            told[-1] = joined((told[-1], piece))
        else:
            told.append(piece)
    return told


def _block(page_rows: Sequence[list[Piece]], start: int, above: Sequence[Piece]) -> _Block:
    """What begins at a row of several pieces: columns of text with all that stands in them, or a table."""
    for belongs, heads in ((_anything, False), (_is_near, True)):
        end, gutters = _stretch(page_rows, start, belongs)
        before = next((n for n, piece in enumerate(reversed(above)) if piece.x0 < gutters[0][1]), len(above))
        block = [*([piece] for piece in above[len(above) - before :]), *page_rows[start:end]]
        columns = _columns(block, gutters)
        if len(columns) == 2 and (_are_heads(columns) if heads else all(map(_is_prose, columns))):
            return _Block(before, end, tuple(Flow(tuple(each), is_head=heads) for each in columns if each))
    end, gutters = _stretch(page_rows, start, _is_of_the_table)
    table = [_cells(row, gutters) for row in page_rows[start:end]]
    return _Block(0, end, (Flow(tuple(_table_rows(table)), is_table=True),))


def _stretch(page_rows: Sequence[list[Piece]], start: int, belongs: Belongs) -> tuple[int, list[Gutter]]:
    """Return where the rows end that share a gutter with row `start` and belong there, and which gutters they share."""
    gutters = [(a.x1, b.x0) for a, b in pairwise(page_rows[start])]
    end = start + 1
    while end < len(page_rows):
        free = [left for gutter in gutters if (left := _free(gutter, page_rows[end]))]
        lost = len(free) < len(gutters) and len(page_rows[end]) == 1
        if not free or lost or not belongs(page_rows[end], page_rows[start:end]):
            break
        gutters = free
        end += 1
    return end, gutters


def _anything(_row: Sequence[Piece], _above: Sequence[list[Piece]]) -> bool:
    return True


def _is_near(row: Sequence[Piece], above: Sequence[list[Piece]]) -> bool:
    """What stands on the left after a gap is no more of two heads, but the text below them."""
    gap = above[-1][0].middle - row[0].middle
    return len(row) > 1 or row[0].x0 >= above[0][1].x0 or gap < 2 * row[0].height


def _are_heads(columns: Sequence[Sequence[Piece]]) -> bool:
    return is_head("\n".join(piece.text for column in columns for piece in column))


def _is_of_the_table(row: Sequence[Piece], above: Sequence[list[Piece]]) -> bool:
    """Several cells, or one that goes on: it begins where a cell above does, or has the same middle."""
    if len(row) > 1:
        return True
    (piece,) = row
    cells = [cell for each in above for cell in each[1:]]
    level = 0.5 * piece.height
    return any(
        abs(piece.x0 - cell.x0) < level or abs(piece.x0 + piece.x1 - cell.x0 - cell.x1) < 2 * level
        for cell in cells
    )


def _free(gutter: Gutter, row: Sequence[Piece]) -> Gutter | None:
    """What of a gutter a row leaves free; None if it is printed across it."""
    left, right = gutter
    for piece in row:
        if piece.x0 <= left and piece.x1 >= right:
            return None
        if piece.x0 - left < right - piece.x1:
            left = max(left, piece.x1)
        else:
            right = min(right, piece.x0)
    return (left, right) if right - left >= NARROWEST * row[0].height else None


def _columns(block: Sequence[list[Piece]], gutters: Sequence[Gutter]) -> list[list[Piece]]:
    cells = [_cells(row, gutters) for row in block]
    return [[piece for row in cells if (piece := row[at])] for at in range(len(gutters) + 1)]


def _cells(row: Sequence[Piece], gutters: Sequence[Gutter]) -> list[Piece | None]:
    """What a row has between the gutters."""
    middles = [(left + right) / 2 for left, right in gutters]
    cells: list[list[Piece]] = [[] for _ in range(len(gutters) + 1)]
    for piece in row:
        cells[sum(piece.x0 >= middle for middle in middles)].append(piece)
    return [joined(cell) if cell else None for cell in cells]


def _table_rows(table: Sequence[list[Piece | None]]) -> Iterator[Piece]:
    """The rows of a table, a line each. A row has its first cell filled; what has not is the rest of the cells that it
    is nearest to: of the row above, or, where first cells stand in the middle of their rows, of the row below.
    """
    middles = [next(cell.middle for cell in row if cell) for row in table]
    groups: list[list[list[Piece | None]]] = []
    waits = False
    for at, row in enumerate(table):
        up = middles[at - 1] - middles[at] if at else float("inf")
        down = middles[at] - middles[at + 1] if at + 1 < len(table) else float("inf")
        starts = row[0] is not None or down < 0.8 * up
        if groups and (waits or not starts):
            groups[-1].append(row)
        else:
            groups.append([row])
        waits = row[0] is None and (waits or starts)
    for group in groups:
        cells = [[piece for row in group if (piece := row[at])] for at in range(len(group[0]))]
        yield joined([joined(cell) for cell in cells if cell], "; ")


def _is_prose(column: Sequence[Piece]) -> bool:
    """Running text fills its column; the cells of a table do not."""
    if len(column) < PROSE:
        return False
    left, right = min(line.x0 for line in column), max(line.x1 for line in column)
    full = sum(line.x1 >= right - 0.15 * (right - left) for line in column)
    return full >= 0.6 * len(column) and sum(len(line.text) for line in column) >= 20 * len(column)
