"""Mistakes on the command line, said in the person's language.

Typer words its usage errors in English only; the words that name the place are taken out of them and put
into sentences of ours. An unknown wording is shown as it is, inside a sentence that says what to do.
"""

from __future__ import annotations

import re

from telewave.kernel import Message

_WORDINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"No such option: (?P<name>\S+)"), "There is no option {name} here."),
    (re.compile(r"No such command '(?P<name>[^']+)'"), "There is no command {name} here."),
    (re.compile(r"Missing option '(?P<name>[^']+)'"), "The option {name} is missing."),
    (re.compile(r"Missing argument '(?P<name>[^']+)'"), "The argument {name} is missing."),
    (re.compile(r"Missing command"), "A command is missing."),
    (re.compile(r"Option '(?P<name>[^']+)' requires an argument"), "The option {name} needs a value."),
    (
        re.compile(r"Invalid value for '(?P<name>[^']+)': Input should be a valid integer"),
        "{name} takes a whole number, and something else was given.",
    ),
    (
        re.compile(r"Invalid value for '(?P<name>[^']+)': Input should be a valid number"),
        "{name} takes a number, and something else was given.",
    ),
    (
        re.compile(
            r"Invalid value for '(?P<name>[^']+)': Input should be greater than or equal to (?P<low>\S+)"
        ),
        "{name} takes numbers from {low} on.",
    ),
    (
        re.compile(r"Invalid value for '(?P<name>[^']+)'.*?'(?P<value>[^']*)'"),
        "The value {value!r} does not fit {name}.",
    ),
    (
        re.compile(r"Got unexpected extra argument\S* \((?P<value>.+)\)"),
        "Nothing was expected after the arguments, but there is: {value}.",
    ),
)

# Named here for the language catalogues: the templates above are looked up by their English text.
SENTENCES: tuple[Message, ...] = (
    Message("There is no option {name} here.", name=""),
    Message("There is no command {name} here.", name=""),
    Message("The option {name} is missing.", name=""),
    Message("The argument {name} is missing.", name=""),
    Message("A command is missing."),
    Message("The option {name} needs a value.", name=""),
    Message("The value {value!r} does not fit {name}.", value="", name=""),
    Message("{name} takes a whole number, and something else was given.", name=""),
    Message("{name} takes a number, and something else was given.", name=""),
    Message("{name} takes numbers from {low} on.", name="", low=""),
    Message("Nothing was expected after the arguments, but there is: {value}.", value=""),
)


def usage_sentence(wording: str) -> Message:
    """The sentence for one of Typer's English wordings.

    >>> str(usage_sentence("No such option: --colour"))
    'There is no option --colour here.'
    """
    for pattern, template in _WORDINGS:
        if found := pattern.search(wording):
            return Message(template, **found.groupdict())
    return Message("The command line was not understood: {detail}", detail=wording)
