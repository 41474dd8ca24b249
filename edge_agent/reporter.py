"""Sends what no receipt covers. PUBACK is not delivery: only a signed receipt moves the mark."""

import logging

from edge_agent.journal import Journal
from edge_agent.post import Post
from edge_agent.timekeeper import Timekeeper
from edge_agent.wire.accounts import ReportBatch
from edge_agent.wire.documents import Receipt
from edge_agent.wire.errors import Refusal, WireError

log = logging.getLogger(__name__)

BATCH = 100
ON_THE_WAY = 500
"""So many records may be sent ahead of receipts."""
FIRST_AGAIN_S = 20.0
LONGEST_AGAIN_S = 600.0
DEAF_S = 5.0


class Reporter:
    """The mark up to which is sent lives in memory; the mark up to which is stored, in the journal."""

    def __init__(self, post: Post, journal: Journal, timekeeper: Timekeeper) -> None:
        self._post, self._journal, self._timekeeper = post, journal, timekeeper
        self._sent = journal.receipted
        self._again_at: float | None = None
        self._again_s = FIRST_AGAIN_S
        self._sent_at = 0.0

    @property
    def queue(self) -> int:
        """How many records no receipt has covered."""
        return self._journal.last - self._journal.receipted

    def up(self) -> None:
        """The connection stands: what was on the way may be lost."""
        self._sent, self._again_s, self._again_at = self._journal.receipted, FIRST_AGAIN_S, None

    def welcomed(self) -> None:
        """The studio is there and has just said so: what was sent some time ago fell on deaf ears."""
        if self._timekeeper.monotonic - self._sent_at > DEAF_S:
            self.up()

    def due_in(self) -> float | None:
        """Seconds until something is to be sent; null: nothing is."""
        if not self._post.up or self.queue == 0:
            return None
        if self._may_send():
            return 0.0
        return None if self._again_at is None else max(0.0, self._again_at - self._timekeeper.monotonic)

    def tick(self) -> None:
        """Send what is to be sent."""
        now = self._timekeeper.monotonic
        if self._again_at is not None and now >= self._again_at:
            self._sent, self._again_at = self._journal.receipted, None
            self._again_s = min(LONGEST_AGAIN_S, self._again_s * 2)
        while self._may_send():
            records = self._journal.texts(self._sent, BATCH)
            batch = ReportBatch(
                kind="report",
                device=self._post.identity.device,
                journal=self._journal.id,
                records=tuple(text for _, text in records),
            )
            if not self._post.say(batch):
                return
            self._sent = records[-1][0]
            self._sent_at, self._again_at = now, now + self._again_s

    def receipt(self, receipt: Receipt) -> None:
        """Take a receipt. Raises WireError: for another journal, or older than the last."""
        journal = self._journal
        mark = max(0, receipt.again_from - 1) if receipt.again_from is not None else receipt.stored
        if receipt.journal != journal.id or max(mark, receipt.stored) > journal.last:
            raise WireError(Refusal.REPLAYED, "a receipt for another journal")
        last = journal.receipt_at
        # One that asks again must be new: the same tape over and over would use up the SIM card.
        if last and (receipt.issued_at < last or (receipt.again_from and receipt.issued_at == last)):
            raise WireError(Refusal.REPLAYED, "a receipt not newer than the last")
        if receipt.again_from is not None:
            log.warning("the studio asks for everything from record %d again", receipt.again_from)
            journal.receipt(mark, receipt.issued_at)
            self._sent = mark
        elif mark > journal.receipted:
            journal.receipt(mark, receipt.issued_at)
            self._sent = max(self._sent, mark)
            self._again_s = FIRST_AGAIN_S
        if self.queue == 0:
            self._again_at = None

    def _may_send(self) -> bool:
        held = self._sent - self._journal.receipted
        return self._post.up and self._sent < self._journal.last and held < ON_THE_WAY
