"""What is momentary: stop, self-test, restart, diagnostics. Each is obeyed once, in its time, and answered."""

import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from edge_agent.clock_trust import Reading
from edge_agent.durable import Durable
from edge_agent.facts import Facts, GiveUp, Skip, Stop
from edge_agent.line_up import mutes
from edge_agent.plan_store import PlanStore
from edge_agent.post import Post
from edge_agent.stage import Stage
from edge_agent.stopping import stops
from edge_agent.time_of_day import muted, quiet, volume
from edge_agent.wire.accounts import Reply
from edge_agent.wire.documents import Command
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.words import ClockTrust, CommandName, ReplyState

log = logging.getLogger(__name__)


class Commands:
    """Obeys verified commands. A restart is noted on the disk, so that it can be answered afterwards."""

    def __init__(
        self,
        post: Post,
        store: PlanStore,
        stage: Stage,
        durable: Durable,
        restart_note: Path,
        *,
        facts: Callable[[Reading], Facts],
        diagnose: Callable[[], dict[str, object]],
    ) -> None:
        self._post, self._store, self._stage, self._durable = post, store, stage, durable
        self._restart_note, self._facts, self._diagnose = restart_note, facts, diagnose
        self.restart_wanted = False
        """Whether the agent is to end and begin again."""

    def up(self, reading: Reading) -> None:
        """The connection stands: answer a restart that is done."""
        if self.restart_wanted:
            return
        try:
            if self._reply(self._restart_note.read_text(), ReplyState.DONE, reading):
                self._restart_note.unlink()
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.error("the note of a restart cannot be read, so the restart is not answered: %s", error)
            with contextlib.suppress(OSError):
                self._restart_note.unlink()

    def obey(self, command: Command, payload: bytes, reading: Reading) -> None:
        """Obey a verified command. Raises WireError: expired, replayed; OSError: not kept, and no stop."""
        known = reading.trust != ClockTrust.UNKNOWN
        # Silence is always safe; whatever else comes without a time may be an old tape.
        if not known and command.name != CommandName.STOP:
            raise WireError(Refusal.EXPIRED, "the time is not known: only a stop is obeyed")
        if known and command.expires_at <= reading.now:
            raise WireError(Refusal.EXPIRED, f"the command held until {command.expires_at}")
        try:
            self._store.obey(command, payload)
        except OSError as error:
            if command.name != CommandName.STOP:
                raise
            log.error(
                "the number of stop %s could not be kept; it is obeyed all the same: %s", command.id, error
            )
        self._reply(command.id, ReplyState.RECEIVED, reading)
        match command.name:
            case CommandName.STOP:
                detail = self.stop(command.airing, reading, "từ phòng thu")
                self._reply(command.id, ReplyState.DONE, reading, detail=detail)
            case CommandName.SELF_TEST:
                self._self_test(command.id, reading)
            case CommandName.RESTART:
                self._durable.write(self._restart_note, command.id.encode(), "restart")
                self.restart_wanted = True
            case CommandName.DIAGNOSTICS:
                detail = json.dumps(self._diagnose(), ensure_ascii=False, separators=(",", ":"))
                self._reply(command.id, ReplyState.DONE, reading, detail=detail)
            case _:
                self._reply(command.id, ReplyState.FAILED, reading, reason="thiết bị không biết lệnh này")

    def stop(self, airing: str | None, reading: Reading, who: str) -> str:
        """End what sounds, waits or is to come, and say what that was."""
        tested = airing is None and self._stage.end_test("bị lệnh dừng cắt ngang")
        ended = []
        for step in stops(self._facts(reading), reading.now, airing):
            match step:
                case Stop():
                    assert self._stage.sounding is not None
                    ended.append(self._stage.sounding.airing)
                    self._stage.stop(step.reason, reading, who)
                case GiveUp():
                    ended.append(step.airing)
                    self._stage.give_up(step, reading)
                case Skip():
                    ended.append(step.airing)
                    self._stage.skip(step, reading, who)
        if ended:
            return "đã dừng " + ", ".join(ended)
        return "đã dừng tự kiểm tra" if tested else "không có gì để dừng"

    def why_no_test(self, facts: Facts, now: datetime) -> str:
        """Why a self-test may not sound now; empty when it may."""
        if facts.config is None:
            return "thiết bị chưa nhận cấu hình"
        if facts.sounding is not None:
            return "đang phát"
        if quiet(facts.config, now):
            return "đang trong giờ yên tĩnh"
        if muted(mutes(facts), now):
            return "đang tắt tiếng"
        return ""

    def _self_test(self, command: str, reading: Reading) -> None:
        facts = self._facts(reading)
        why = self.why_no_test(facts, reading.now)
        if why or facts.config is None:
            self._reply(command, ReplyState.FAILED, reading, reason=why)
            return
        self._stage.end_test("có lệnh tự kiểm tra mới")

        def done(fault: str) -> None:
            state = ReplyState.FAILED if fault else ReplyState.DONE
            self._reply(command, state, reading, reason=fault)

        self._stage.test(volume(facts.config, reading.now, emergency=False), done)

    def _reply(
        self, command: str, state: ReplyState, reading: Reading, *, reason: str = "", detail: str = ""
    ) -> bool:
        log.info("command %s: %s %s %s", command, state, reason, detail)
        return self._post.say(
            Reply(
                kind="reply",
                device=self._post.identity.device,
                command=command,
                state=state,
                at=reading.now,
                reason=reason,
                detail=detail,
            )
        )
