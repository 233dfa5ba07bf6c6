"""Reading the file of a contact policy:

caps:
  - {most: 2, days: 7}
quiet: ["21:00-09:00"]
pauses: {refused: 30}
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from telewave.contacts.ledger import Disposition
from telewave.contacts.policy import DAY_MINUTES, Cap, Policy, QuietHours
from telewave.kernel import Message
from telewave.platform.yaml_files import YamlReader, load_yaml

KEYS = ("caps", "quiet", "pauses")
LONGEST_DAYS = 366


def load_policy(path: Path) -> Policy:
    """The policy of the file. Raises `YamlUnreadable`, `YamlMistake`."""
    return load_yaml(path, lambda text, name: _Reader(name).policy(text))


class _Reader(YamlReader):
    def policy(self, text: str) -> Policy:
        """All of the file; what it leaves out sets no limit."""
        keys = self.keys(self.root(text), KEYS)
        pauses = self.entries(keys["pauses"], "refused: 30") if "pauses" in keys else []
        return Policy(
            caps=tuple(self._cap(one) for one in self._items(keys, "caps", "- {most: 2, days: 7}")),
            quiet=tuple(self._quiet(one) for one in self._items(keys, "quiet", '- "21:00-09:00"')),
            pauses={
                Disposition(self.choice(key, list(Disposition))): self.whole(value, 1, LONGEST_DAYS)
                for key, value in pauses
            },
        )

    def _items(self, keys: dict[str, yaml.Node], name: str, example: str) -> list[yaml.Node]:
        return self.items(keys[name], example) if name in keys else []

    def _cap(self, node: yaml.Node) -> Cap:
        keys = self.keys(node, ("most", "days"), required=("most", "days"))
        return Cap(self.whole(keys["most"]), self.whole(keys["days"], 1, LONGEST_DAYS))

    def _quiet(self, node: yaml.Node) -> QuietHours:
        start, _, end = self.text(node).partition("-")
        return QuietHours(self._minute(node, start), self._minute(node, end) % DAY_MINUTES)

    def _minute(self, node: yaml.Node, text: str) -> int:
        found = re.fullmatch(r"\s*(\d{1,2}):(\d\d)\s*", text)
        minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else DAY_MINUTES + 1
        if minute > DAY_MINUTES:
            raise self.fail(
                node,
                Message("{value!r} is no stretch of a day. Write it as 21:00-09:00.", value=self.text(node)),
            )
        return minute % DAY_MINUTES
