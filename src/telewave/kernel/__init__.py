"""Kernel: the values every capability speaks in. Pure: no input, no output, no clock, no third-party engine."""

from telewave.kernel.errors import Conflict, Forbidden, Malformed, Missing, TelewaveError
from telewave.kernel.estimate import Estimate, Inconclusive
from telewave.kernel.figures import Figure
from telewave.kernel.messages import Label, Message
from telewave.kernel.money import Money

__all__ = [
    "Conflict",
    "Estimate",
    "Figure",
    "Forbidden",
    "Inconclusive",
    "Label",
    "Malformed",
    "Message",
    "Missing",
    "Money",
    "TelewaveError",
]
