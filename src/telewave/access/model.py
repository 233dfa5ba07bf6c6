"""People, their sessions, and the rules of signing in. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telewave.access.roles import NotAllowed, Permission, Role, granted, roles_with
from telewave.kernel import Conflict, Forbidden, Label, Malformed, Message, Missing

LONGEST_NAME, LONGEST_KEY = 200, 400
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
IDLE, ABSOLUTE = timedelta(minutes=60), timedelta(hours=12)
"""A session ends when nothing was asked for so long, and at the latest so long after signing in: a shift."""
WINDOW = timedelta(minutes=15)
TRIES_OF_A_NAME, TRIES_FROM_AN_ADDRESS = 5, 50
"""Failed sign-ins within `WINDOW` after which a name, or everybody at an address, has to wait. A call centre may stand
behind one address.
"""


class NoSuchPerson(Missing):
    """Nobody here is called {name}. `telewave people list` shows everybody."""

    code = "no_such_person"


class NameTaken(Conflict):
    """There is a person called {name} already. Give another name, such as one with the department behind it."""

    code = "name_taken"


class UnusableName(Malformed):
    """A person cannot be called {name!r}. Give a name of 1 to 200 characters that can be seen."""

    code = "unusable_person_name"


class LastAdministrator(Conflict):
    """{name} is the last administrator who can sign in. Make somebody else an administrator first."""

    code = "last_administrator"


class PasswordTooShort(Malformed):
    """The new password has {length} characters. Choose one of at least 12: four words that do not belong together are
    easy to remember and hard to guess.
    """

    code = "password_too_short"


class PasswordTooLong(Malformed):
    """The new password has {length} characters. Choose one of at most 200."""

    code = "password_too_long"


class PasswordGuessable(Malformed):
    """The new password is the name, the old password, or one character over and over. Choose another one."""

    code = "password_guessable"


class PasswordsDiffer(Malformed):
    """The two entries of the new password differ. Enter the same one twice."""

    code = "passwords_differ"


class SignInRefused(Forbidden):
    """Name and password do not belong together. Try again; an administrator can give you a new password."""

    code = "sign_in_refused"


class TooManyTries(Forbidden):
    """There were too many failed tries. Wait {minutes} minutes, then try again; an administrator can give you a new
    password at once.
    """

    code = "too_many_tries"
    status = 429


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who signs in. `one_time`: the password was made for him and must be changed; `locked_at`: since when he
    may not sign in (None: he may).
    """

    id: int
    name: str
    roles: frozenset[Role]
    one_time: bool
    locked_at: datetime | None
    added_at: datetime

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the person may do."""
        return granted(self.roles)

    @property
    def state(self) -> Message:
        """Whether the person may sign in, for people."""
        if self.locked_at is not None:
            return Message("locked")
        return Message("has a password to use once") if self.one_time else Message("may sign in")

    def may(self, permission: Permission) -> bool:
        """Whether the person may do this now: nothing until the one-time password is changed."""
        return self.locked_at is None and not self.one_time and permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raises `NotAllowed`."""
        if not self.may(permission):
            raise NotAllowed(
                person=self.name,
                permission=permission.value,
                what=permission.label,
                roles=joined_roles(roles_with(permission)),
            )


def joined_roles(roles: Sequence[Role]) -> Label:
    """The names of roles, in the order of `Role`."""
    ordered = [role.label for role in Role if role in roles]
    return Label(", ".join(one.en for one in ordered), "、".join(one.zh for one in ordered))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitting:
    """A session of a browser: whose, since when, and when something was asked for last."""

    person: Person
    begun_at: datetime
    seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended by time."""
        return now - self.seen_at > IDLE or now - self.begun_at > ABSOLUTE


def key_of(name: str) -> str:
    """What makes two names the same: neither width, nor case, nor blanks.

    >>> key_of(" Ｌｉ  Na ") == key_of("li na")
    True
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())[:LONGEST_KEY]


def check_name(name: str) -> str:
    """The name without blanks around it. Raises `UnusableName`.

    >>> check_name(" 李娜 ")
    '李娜'
    """
    found = " ".join(name.split())
    if not 1 <= len(found) <= LONGEST_NAME or not found.isprintable() or not key_of(found):
        raise UnusableName(name=name[:LONGEST_NAME])
    return found


def check_password(new: str, name: str, old: str = "") -> None:
    """Raises `PasswordTooShort`, `PasswordTooLong`, `PasswordGuessable`. Source: NIST SP 800-63B, 5.1.1.2: long rather
    than of many kinds of characters.
    """
    if len(new) < SHORTEST_PASSWORD:
        raise PasswordTooShort(length=len(new))
    if len(new) > LONGEST_PASSWORD:
        raise PasswordTooLong(length=len(new))
    if new == old or len(set(new)) < 3 or key_of(name) == key_of(new):
        raise PasswordGuessable


def wait_of(of_name: Sequence[datetime], from_address: Sequence[datetime], now: datetime) -> int:
    """Minutes that somebody has to wait before the next try, 0 for none. Both: failed tries, in any order.

    >>> from datetime import UTC
    >>> now = datetime(2026, 7, 1, 9, tzinfo=UTC)
    >>> wait_of([now - timedelta(minutes=5)] * 4, [], now), wait_of([now - timedelta(minutes=5)] * 5, [], now)
    (0, 10)
    """
    longest = 0
    for tries, most in ((of_name, TRIES_OF_A_NAME), (from_address, TRIES_FROM_AN_ADDRESS)):
        recent = sorted(at for at in tries if now - at < WINDOW)
        if len(recent) >= most:
            left = recent[-most] + WINDOW - now
            longest = max(longest, -int(-left.total_seconds() // 60))
    return longest
