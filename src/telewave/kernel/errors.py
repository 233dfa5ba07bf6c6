"""Errors are nouns of the domain. The docstring of an error is its message, remedy included.

A concrete error is a subclass whose docstring is a `Message` template; raising it names the values of
the template's places. `code` is stable and documented; `status` is what the web answers.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, ClassVar

from telewave.kernel.messages import Message


class TelewaveError(Exception):
    """Something that Telewave refuses to do, said in a sentence that names the place and the remedy."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **values: Any) -> None:
        self.message = Message(self.template(), **values)
        super().__init__(str(self.message))

    @classmethod
    def template(cls) -> str:
        """The English message template: the class's own docstring, on one line."""
        return " ".join((inspect.getdoc(cls) or cls.__name__).split())


class Malformed(TelewaveError):
    """What was given cannot be read."""

    status = 422


class Missing(TelewaveError):
    """What was asked for does not exist."""

    status = 404


class Conflict(TelewaveError):
    """Not possible in the present state."""

    status = 409


class Forbidden(TelewaveError):
    """Not allowed for this person."""

    status = 403
