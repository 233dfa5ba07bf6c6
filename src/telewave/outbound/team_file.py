"""Reading the file of a team of agents:

agents:
  - {id: A17, skills: [handsets], languages: [yue]}
  - id: A18
skills:
  handsets: {offers: [contract_phone], groups: [core]}
languages:
  yue: district = 'south'
attempts: 4
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import yaml

from telewave.audiences.language import parse_rule
from telewave.audiences.rule import Rule
from telewave.kernel import Message
from telewave.outbound.team import LONGEST_NAME, Agent, Rules, Skill, Team
from telewave.platform.yaml_files import YamlReader, load_yaml
from telewave.targeting.plan import Group

MINUTES = {
    "soon": "busy_minutes",
    "later": "no_answer_minutes",
    "reserved": "reserved_minutes",
    "grace": "grace_minutes",
}
KEYS = ("agents", "skills", "languages", "attempts", *MINUTES.values())
MOST_ATTEMPTS = 20
MOST_MINUTES = 7 * 24 * 60
LONGEST_WORD = 40
MOST_WORDS = 10


def load_team(path: Path) -> Team:
    """The team of the file, without a version. Raises `YamlUnreadable`, `YamlMistake`."""
    return load_yaml(path, lambda text, name: _Reader(name).team(text))


class _Reader(YamlReader):
    def team(self, text: str) -> Team:
        """All of the file."""
        keys = self.keys(self.root(text), KEYS, required=("agents",))
        skills = self._named(keys, "skills", "handsets: {offers: [contract_phone]}")
        languages = self._named(keys, "languages", "yue: district = 'south'")
        for word in skills.keys() & languages.keys():
            raise self.fail(keys["languages"], Message("`{key}` is given twice. Keep one.", key=word))
        agents = [
            self._agent(one, skills, languages)
            for one in self.items(keys["agents"], "{id: A17, skills: [handsets]}")
        ]
        for place, one in enumerate(agents):
            if one.id in {other.id for other in agents[:place]}:
                raise self.fail(keys["agents"], Message("`{key}` is given twice. Keep one.", key=one.id))
        given = {
            part: timedelta(minutes=self.whole(keys[key], 1, MOST_MINUTES))
            for part, key in MINUTES.items()
            if key in keys
        }
        usual = Rules()
        attempts = self.whole(keys["attempts"], 1, MOST_ATTEMPTS) if "attempts" in keys else usual.attempts
        return Team(
            agents=tuple(agents),
            skills={word: self._skill(node) for word, node in skills.items()},
            languages={word: self._rule(node) for word, node in languages.items()},
            rules=replace(usual, attempts=attempts, **given),
        )

    def _named(self, keys: dict[str, yaml.Node], name: str, example: str) -> dict[str, yaml.Node]:
        if name not in keys:
            return {}
        entries = self.entries(keys[name], example)
        if len(entries) > MOST_WORDS:
            raise self.fail(
                keys[name],
                Message("{value} is too many. Write {most} at most.", value=len(entries), most=MOST_WORDS),
            )
        for key, _ in entries:
            word = self.text(key)
            if not word.replace("_", "").replace("-", "").isalnum() or len(word) > LONGEST_WORD:
                raise self.fail(
                    key,
                    Message("{value!r} is no name here. Write letters and digits, 40 at most.", value=word),
                )
        return {self.text(key): value for key, value in entries}

    def _agent(self, node: yaml.Node, skills: dict[str, yaml.Node], languages: dict[str, yaml.Node]) -> Agent:
        keys = self.keys(node, ("id", "skills", "languages"), required=("id",))
        name = self.text(keys["id"]).strip()
        if not name or len(name) > LONGEST_NAME:
            raise self.fail(
                keys["id"], Message("an agent's name has 1 to {most} characters.", most=LONGEST_NAME)
            )
        known = {"skills": skills, "languages": languages}
        has = [
            self.choice(word, known[part])
            for part in known
            if part in keys
            for word in self.items(keys[part], next(iter(known[part]), "handsets"))
        ]
        return Agent(name, frozenset(has))

    def _skill(self, node: yaml.Node) -> Skill:
        keys = self.keys(node, ("offers", "groups"))
        groups = self.items(keys["groups"], "core") if "groups" in keys else []
        return Skill(
            offers=frozenset(self.words(keys.get("offers"))),
            groups=frozenset(self.choice(one, [group.value for group in Group]) for one in groups),
        )

    def _rule(self, node: yaml.Node) -> Rule:
        return self.built(node, lambda: parse_rule(self.text(node)))
