"""firmware_notes/protocol.md says what the code does."""

import pytest

from edge_agent.wire import topics
from tests.support.protocol_tables import ENUMS, PROTOCOL, marked, messages, renewed

TEXT = PROTOCOL.read_text()


def test_every_message_and_word_has_its_table() -> None:
    assert marked(TEXT) == set(messages()) | {enum.__name__ for enum in ENUMS}


def test_every_table_is_as_the_code_is() -> None:
    assert renewed(TEXT) == TEXT, "run: python -m tests.support.protocol_tables"


@pytest.mark.parametrize("name", sorted(messages()))
def test_every_field_is_explained(name: str) -> None:
    for field_name, field in messages()[name].model_fields.items():
        assert field.description, f"{name}.{field_name}: say what it means"


def test_every_topic_is_in_the_table() -> None:
    spoken = {topics.plan("<zone>"), topics.emergency("<zone>"), topics.zone_command("<zone>")}
    own = ("config", "welcome", "receipt", "command", "hello", "presence", "report", "reply")
    spoken |= {topics.device("<device>", what) for what in own}
    told = {line.split("`")[1] for line in TEXT.splitlines() if line.startswith("| `loa/v1/")}
    assert told == spoken


def test_retained_topics_are_told_as_retained() -> None:
    told = {
        line.split("`")[1].rsplit("/", 1)[1]: line.split("|")[2].strip().startswith("yes")
        for line in TEXT.splitlines()
        if line.startswith("| `loa/v1/")
    }
    assert {what for what, retained in told.items() if retained} == topics.RETAINED
