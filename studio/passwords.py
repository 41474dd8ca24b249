"""Passwords: how they are kept, made and judged."""

import secrets
import unicodedata

from pwdlib import PasswordHash

from studio.errors import Invalid

SHORTEST = 10
LONGEST = 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper: no i, l, o, 0, 1
_KEEPER = PasswordHash.recommended()
_NOBODYS = _KEEPER.hash(secrets.token_hex(16))

_COMMON = """
    password matkhau qwertyuiop asdfghjkl iloveyou anhyeuem emyeuanh administrator admin quantri truyenthanh
    loatruyenthanh phatthanh vietnam vietnamvodich hanoi saigon camau hochiminh welcome letmein changeme
    abcdefghij khongbiet conyeume giadinh
"""
_STEMS = frozenset(_COMMON.split())
"""What people choose first; a password that is one of these with digits or signs around it is refused."""


def normal(password: str) -> str:
    """Spell the same password the same way whatever keyboard made it (NFKC, as RFC 8265 asks)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return the argon2id hash to keep. Slow on purpose (about 50 ms)."""
    return _KEEPER.hash(normal(password))


def fits(password: str, password_hash: str | None) -> bool:
    """Check a password; without a hash it takes just as long and says no, so that names cannot be guessed by time."""
    if (
        len(password) > 4 * LONGEST or len(password := normal(password)) > LONGEST
    ):  # a letter is up to four signs
        return False
    right = _KEEPER.verify(password, password_hash or _NOBODYS)
    return right and password_hash is not None


def one_time() -> str:
    """Make a password to be read from paper and changed at the first log-in; 59 random bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def judge(password: str, *, user_name: str) -> None:
    """Raise Invalid, saying what is wrong, if the password is too easily guessed."""
    password = normal(password)
    plain = _letters(password)
    core = plain.strip("0123456789")
    if len(password) < SHORTEST:
        raise Invalid(f"Mật khẩu phải có ít nhất {SHORTEST} ký tự.", field="new")
    if len(password) > LONGEST:
        raise Invalid(f"Mật khẩu dài quá {LONGEST} ký tự.", field="new")
    if len(set(plain)) < 5 or plain in "01234567890123456789" or plain in "98765432109876543210":
        raise Invalid("Mật khẩu quá đơn giản: hãy dùng nhiều chữ khác nhau.", field="new")
    if core in _STEMS or core == _letters(user_name).strip("0123456789") or plain in _STEMS:
        raise Invalid(
            "Mật khẩu này quá phổ biến hoặc giống tên đăng nhập, người khác dễ đoán ra.", field="new"
        )


def _letters(text: str) -> str:
    """Letters and digits alone, without accents and capitals."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in apart if c.isalnum())
