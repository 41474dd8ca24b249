"""A device's journal, as the agent writes it: numbered, hash-chained records."""

from dataclasses import dataclass, field
from datetime import datetime

from edge_agent.wire.accounts import NO_RECORD, Report, ReportBatch, digest
from edge_agent.wire.words import Playback


@dataclass
class WrittenJournal:
    """What one device has written down."""

    device: str
    name: str = "journal-1"
    records: list[str] = field(default_factory=list)

    def note(self, airing: str, playback: Playback, at: datetime, **more: object) -> str:
        report = Report.model_validate(
            {
                "n": len(self.records) + 1,
                "previous": digest(self.records[-1]) if self.records else NO_RECORD,
                "airing": airing,
                "playback": playback,
                "at": at,
                **more,
            }
        )
        self.records.append(report.wire_json())
        return self.records[-1]

    def batch(self, *numbers: int) -> ReportBatch:
        """These records, or all."""
        chosen = [self.records[n - 1] for n in numbers] or self.records
        return ReportBatch(kind="report", device=self.device, journal=self.name, records=tuple(chosen))
