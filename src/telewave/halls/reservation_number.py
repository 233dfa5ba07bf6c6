"""Reservation numbers: short, sayable on the phone, and with a check digit. Pure.

A number is the reservation's serial with one more digit by Damm's quasigroup of order 10 (H. M. Damm, Total
anti-symmetrische Quasigruppen, 2004), which finds every single wrong digit and every two neighbours exchanged.
"""

from __future__ import annotations

from telewave.kernel import Malformed

TABLE = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
FIRST = 10_000
"""Added to a serial: numbers have six digits from the first on."""
APART = str.maketrans("", "", " -\u3000")


class NotAReservation(Malformed):
    """{text!r} is no reservation number: it has a wrong digit, or digits exchanged. Ask for it again, or look the
    customer up by phone number: --phone NUMBER
    """

    code = "not_a_reservation"


def number_of(serial: int) -> int:
    """The number of the reservation with this serial, from 1 on.

    >>> number_of(1), number_of(2)
    (100014, 100023)
    """
    digits = str(FIRST + serial)
    return int(digits + str(_check(digits)))


def serial_of(text: str) -> int:
    """The serial that a number names, however it is grouped. Raises `NotAReservation`.

    >>> serial_of("100 014"), serial_of("１０００２３")
    (1, 2)
    """
    digits = text.translate(APART)
    if not digits.isdecimal() or len(digits) < len(str(FIRST)) + 1 or _check(digits):
        raise NotAReservation(text=text)
    serial = int(digits[:-1]) - FIRST
    if serial < 1:
        raise NotAReservation(text=text)
    return serial


def said(number: int) -> str:
    """In groups of three, as one says it.

    >>> said(100014)
    '100 014'
    """
    digits = str(number)
    return " ".join(
        digits[max(end - 3, 0) : end] for end in range((len(digits) - 1) % 3 + 1, len(digits) + 1, 3)
    )


def _check(digits: str) -> int:
    """0 for digits that end with their check digit; else the digit to add."""
    interim = 0
    for digit in digits:
        interim = int(TABLE[interim][int(digit)])
    return interim
