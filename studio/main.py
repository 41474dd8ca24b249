"""`loa studio serve`: puts the parts together, runs them, leaves nothing behind. The one place that reads the clock."""

import contextlib
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import uvicorn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from edge_agent.wire import topics
from edge_agent.wire.link import Broker, Link, PahoLink
from scheduler.clock import Clock
from studio import broker, keys, speaker
from studio.broker import EmbeddedBroker
from studio.db import create_engine, migrate, reading
from studio.errors import Conflict, StudioError
from studio.jobs import Jobs
from studio.listener import Listener
from studio.services import Services
from studio.settings import BrokerSettings, StudioSettings
from studio.signals import Signals
from studio.sounds import Sounds
from studio.web.app import create_app

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""How long a thread may take to end."""


def utc_now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def serve(
    settings: StudioSettings,
    *,
    say: Callable[[str], None],
    ready: Callable[[StudioSettings], None] = lambda _settings: None,
) -> int:
    """Run the studio until SIGTERM or SIGINT; returns the exit status, 1 with one Vietnamese line if it cannot start.

    `ready` is called, with the ports that were really taken, once pages are served.
    """
    signals = Signals()
    try:
        with signals.taken(), contextlib.ExitStack() as stack:
            listening = stack.enter_context(_listening(settings))
            settings = settings.model_copy(update={"port": listening.getsockname()[1]})
            services = stack.enter_context(_running(settings, say))
            stack.callback(signals.ignore)
            _serve_pages(services, listening, signals, lambda: ready(services.settings))
    except KeyboardInterrupt:
        log.info("stopped before it began")
    except StudioError as error:
        say(error.message)
        return 1
    except DBAPIError as error:
        log.exception("the database")
        shown = make_url(settings.database_url).render_as_string()  # without its password
        say(f"Không mở được cơ sở dữ liệu {shown}: {error.orig}")
        return 1
    except OSError as error:
        log.exception("the disk")
        say(f"Không ghi được vào {settings.data}: {error.strerror or error}")
        return 1
    return 0


@contextlib.contextmanager
def _listening(settings: StudioSettings) -> Iterator[socket.socket]:
    """The socket of the pages, taken before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio takes away Nagle's algorithm, 40 ms a page, only where the protocol is named.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            raise Conflict(
                f"Cổng {settings.port} đã có chương trình khác dùng (hoặc không mở được {settings.host}). "
                "Hãy tắt chương trình đó, hoặc đặt LOA_STUDIO_PORT sang cổng khác."
            ) from error
        listening.listen(512)
        yield listening


@contextlib.contextmanager
def _running(settings: StudioSettings, say: Callable[[str], None]) -> Iterator[Services]:
    """Everything but the pages: database, broker, link, listener, jobs, speakers. Ended in the opposite order."""
    with contextlib.ExitStack() as stack:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(settings.database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        services = Services(
            settings=settings, engine=engine, sounds=Sounds(settings.sounds_directory), now=utc_now
        )
        with reading(engine) as session:
            keys.load(session, settings.keys_directory)  # says at once, and not at air time, what is missing
        services, password = _with_broker(services, stack)
        link = _link(services.settings, password)
        jobs = Jobs(services, link)
        stopping = threading.Event()
        _in_thread(stack, "listener", _listen(services, link, jobs, say).run, stopping)
        stack.callback(link.close)
        services.live.link_up = False  # until the listener hears otherwise: pages say so
        link.open()
        _start_speakers(stack, services.settings, stopping)
        clock = Clock()
        jobs.enter(clock)
        clock.start()
        # The last entered is ended first: jobs, then speakers and listener, then the link, then the broker.
        stack.callback(_flush_quietly, jobs)
        stack.callback(stopping.set)
        stack.callback(clock.stop)
        yield services


def _with_broker(services: Services, stack: contextlib.ExitStack) -> tuple[Services, str]:
    """Start the embedded broker, if it is to be; returns the services with its real port, and our password there."""
    settings = services.settings
    if not settings.broker.embedded:
        return services, _password(settings.broker)
    embedded = EmbeddedBroker(
        settings.data / "broker",
        host=settings.broker.host,
        port=settings.broker.port,
        user=settings.broker.user,
    )

    def users() -> dict[str, str]:
        with reading(services.engine) as session:
            return broker.passwords(session)

    stack.callback(embedded.stop)
    embedded.start(users())
    port = settings.broker.model_copy(update={"port": embedded.port})
    told = replace(
        services,
        settings=settings.model_copy(update={"broker": port}),
        users_changed=lambda: embedded.users_changed(users),
    )
    return told, embedded.password


def _password(outside: BrokerSettings) -> str:
    file = outside.password_file and outside.password_file.expanduser()
    try:
        return file.read_text().strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Conflict(
            f"Không đọc được mật khẩu của máy chủ MQTT ở {file}. "
            "Hãy xem lại LOA_STUDIO_BROKER__PASSWORD_FILE và quyền đọc tệp này."
        ) from error


def _link(settings: StudioSettings, password: str) -> PahoLink:
    to = settings.broker
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(to.host, to.host) if to.embedded else to.host  # noqa: S104
    client = f"loa-studio-{secrets.token_hex(4)}"
    ca = to.ca_file if to.tls else None
    try:
        link = PahoLink(Broker(host, to.port, client, to.user, password, tls_ca=ca))
    except OSError as error:  # ssl.SSLError is one too
        raise Conflict(
            f"Không đọc được chứng thư CA của máy chủ MQTT ở {ca}. "
            "Hãy xem lại LOA_STUDIO_BROKER__CA_FILE: phải là tệp PEM mà phòng thu đọc được."
        ) from error
    link.subscribe(*topics.FROM_DEVICES)
    return link


def _listen(services: Services, link: Link, jobs: Jobs, say: Callable[[str], None]) -> Listener:
    to = services.settings.broker
    said = False

    def up() -> None:
        nonlocal said
        said = False
        jobs.broker_came_back()

    def down(why: str) -> None:
        nonlocal said
        if not said:  # once each time that it goes away
            say(
                f"Chưa kết nối được máy chủ MQTT ở {to.host}:{to.port} ({why}). Trang web vẫn mở, kế hoạch chờ gửi; "
                "phòng thu tự kết nối lại. Hãy xem máy chủ MQTT có chạy không, địa chỉ và mật khẩu có đúng không."
            )
        said = True

    return Listener(
        link,
        services.engine,
        keys_directory=services.settings.keys_directory,
        live=services.live,
        now=services.now,
        on_up=up,
        on_down=down,
        users_changed=services.users_changed,
    )


def _start_speakers(stack: contextlib.ExitStack, settings: StudioSettings, stopping: threading.Event) -> None:
    """Bulletins have their speakers, emergencies one of their own: they cannot wait for the end of a bulletin."""
    machine = os.uname().nodename
    for n in range(settings.speakers):
        work = partial(speaker.keep_speaking, settings, f"{machine}/{n + 1}")
        _in_thread(stack, f"speaker {n + 1}", work, stopping)
    if settings.speakers:
        work = partial(speaker.keep_speaking, settings, f"{machine}/0", only_emergencies=True)
        _in_thread(stack, "speaker of emergencies", work, stopping)


def _in_thread(
    stack: contextlib.ExitStack,
    name: str,
    work: Callable[[threading.Event], None],
    stopping: threading.Event,
) -> None:
    thread = threading.Thread(target=work, args=(stopping,), name=name, daemon=True)
    thread.start()

    def end() -> None:
        stopping.set()
        thread.join(PATIENCE_S)
        if thread.is_alive():
            log.error("%s does not end", name)

    stack.callback(end)


def _flush_quietly(jobs: Jobs) -> None:
    try:
        jobs.flush()
    except OperationalError as error:
        log.warning("the last presence was not written: %s", error.orig)


class _Pages(uvicorn.Server):
    """Uvicorn, with us in charge of signals, that says when it serves."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def _serve_pages(
    services: Services, listening: socket.socket, signals: Signals, ready: Callable[[], None]
) -> None:
    config = uvicorn.Config(
        create_app(services),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    server = _Pages(config, ready)

    def stop() -> None:
        services.live.close()  # or the streams of open pages would hold the server up
        server.should_exit = True

    signals.call(stop)
    server.run(sockets=[listening])
