"""Asks Linux whether its clock is kept in step (adjtimex), whether a battery set it at boot, and which boot this is."""

import ctypes
import logging
from pathlib import Path

from edge_agent.clock_trust import KernelClock

log = logging.getLogger(__name__)

_TIME_ERROR = 5
_STA_UNSYNC = 0x0040


class _Timex(ctypes.Structure):
    # struct timex of <sys/timex.h>, as far as we read it; the rest is room enough on every Linux.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def read() -> KernelClock:
    """Read the state of the kernel's clock. Where that cannot be asked, it is not synchronised."""
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError) as error:
        log.warning("the kernel's clock cannot be asked: %s", error)
        return KernelClock(synchronised=False, error_s=0.0)
    good = state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC
    return KernelClock(synchronised=good, error_s=timex.maxerror / 1e6)


def has_rtc(root: Path = Path("/sys/class/rtc")) -> bool:
    """Whether a battery-backed clock set the system clock at boot (`hctosys`)."""
    for each in sorted(root.glob("rtc*/hctosys")):
        try:
            if each.read_text().strip() == "1":
                return True
        except OSError:
            continue
    return False


def boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """The random name of this boot; empty where there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
