"""Errors are nouns of the domain. The docstring of an error is its message, remedy included.

A concrete error is a subclass whose docstring is a `Message` template; raising it names the values of the template's
places. Each declares its `code`, which is documented and outlives the class's name; `status` is what the web answers.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from telewave.kernel.messages import Message


class TelewaveError(Exception):
    """Something that Telewave refuses to do, said in a sentence that names the place and the remedy."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init__(self, **values: Any) -> None:
        self.message = Message(self.template(), **values)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        """An error crosses from one process to another with the values of its sentence."""
        return _again, (type(self), dict(self.message.values))

    @classmethod
    def template(cls) -> str:
        """The English message template: the class's own docstring, on one line."""
        return " ".join((inspect.getdoc(cls) or cls.__name__).split())


def _again(kind: type[TelewaveError], values: dict[str, Any]) -> TelewaveError:
    return kind(**values)


class Malformed(TelewaveError):
    """What was given cannot be read."""

    status = 422
    code = "malformed"


class Missing(TelewaveError):
    """What was asked for does not exist."""

    status = 404
    code = "missing"


class Conflict(TelewaveError):
    """Not possible in the present state."""

    status = 409
    code = "conflict"


class Forbidden(TelewaveError):
    """Not allowed for this person."""

    status = 403
    code = "forbidden"
