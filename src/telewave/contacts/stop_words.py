"""Replies to messages: which of them ask for no more messages. Pure.

A reply stops where it begins with a stop word that stands alone, in any width and case, or says in Chinese that it
unsubscribes. A word that begins a longer one, or is taken back before it ("请不要停"), stops nothing.
"""

from __future__ import annotations

import re
import unicodedata

STOP = ("stop", "unsubscribe", "td", "quit", "cancel")
STOP_ZH = ("退订", "取消订阅", "不要再发", "别再发", "停止发送")
_LATIN = re.compile(rf"(?:{'|'.join(STOP)})(?![a-z])|t(?!\w)")
_TAKEN_BACK = re.compile(r"(?:不要|别|不用|无需|不)(?:退订|取消|停)")


def asks_to_stop(text: str) -> bool:
    """Whether the reply unsubscribes.

    >>> [asks_to_stop(one) for one in ("Stop. Thank you", "STOP 12345", "t", "ＴＤ", "退订")]
    [True, True, True, True, True]
    >>> [asks_to_stop(one) for one in ("请不要停", "Thanks", "Tomorrow", "T恤还有吗")]
    [False, False, False, False]
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip(" \t\r\n\"'“”‘’.。!！")
    if _LATIN.match(plain):
        return True
    return any(word in plain for word in STOP_ZH) and not _TAKEN_BACK.search(plain)
