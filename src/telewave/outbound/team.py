"""Who calls: agents with their skills and languages, what contacts need, and how often one is tried. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telewave.audiences.reading import from_json, to_json
from telewave.audiences.rule import Rule
from telewave.kernel import Conflict, Forbidden, Malformed

LONGEST_NAME = 120


class NotOfTheTeam(Forbidden):
    """{agent} is not in the team (version {version}). Name one of: {known}; or set a team with this agent in it:
    telewave outbound team FILE --by YOU
    """

    code = "not_of_the_team"


class TeamBroken(Conflict):
    """Version {version} of the team cannot be understood ({cause}), so nobody is called. Set a new one: telewave
    outbound team FILE --by YOU
    """

    code = "team_broken"


class NoAgentNamed(Malformed):
    """A call is given to an agent by name. Add --agent and the name, at most 120 characters."""

    code = "no_agent_named"


@dataclass(frozen=True, slots=True)
class Agent:
    """`has`: the skills and languages."""

    id: str
    has: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Skill:
    """Which contacts need it: those with these offers and target groups; none named: all."""

    offers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def needed(self, offer: str, group: str) -> bool:
        """Whether a contact with this offer and target group needs it."""
        return (not self.offers or offer in self.offers) and (not self.groups or group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a contact is tried. `attempts`: calls at most; `soon` and `later`: the least time between two; `reserved`:
    how long an agent holds a contact; `grace`: how long a call-back waits for the agent who promised it.
    """

    attempts: int = 4
    soon: timedelta = timedelta(minutes=30)
    later: timedelta = timedelta(hours=4)
    reserved: timedelta = timedelta(minutes=10)
    grace: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`version`: 0 before one was set, when anybody may call anybody. `languages`: by name, who is called in it."""

    version: int = 0
    agents: tuple[Agent, ...] = ()
    skills: Mapping[str, Skill] = field(default_factory=dict)
    languages: Mapping[str, Rule] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def agent(self, name: str) -> Agent:
        """The agent. Raises `NotOfTheTeam`, `NoAgentNamed`."""
        name = name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise NoAgentNamed
        if not self.agents:
            return Agent(name)
        for one in self.agents:
            if one.id == name:
                return one
        known = ", ".join(one.id for one in self.agents)
        raise NotOfTheTeam(agent=name, version=self.version, known=known)

    def can_serve(self, agent: Agent, needs: Iterable[str]) -> bool:
        """Whether the agent has all that a contact needs; without a team nobody needs anything."""
        return not self.agents or set(needs) <= agent.has


def needs_text(needs: Iterable[str]) -> str:
    """As the queue keeps them.

    >>> needs_text({"yue", "handsets"}), needs_read("handsets,yue,")
    ('handsets,yue,', ('handsets', 'yue'))
    """
    return "".join(f"{one}," for one in sorted(needs))


def needs_read(text: str) -> tuple[str, ...]:
    """The needs that the queue keeps."""
    return tuple(one for one in text.split(",") if one)


def team_text(team: Team) -> str:
    """As it is kept."""
    rules = team.rules
    return json.dumps(
        {
            "agents": {one.id: sorted(one.has) for one in team.agents},
            "skills": {name: [sorted(one.offers), sorted(one.groups)] for name, one in team.skills.items()},
            "languages": {name: to_json(rule) for name, rule in team.languages.items()},
            "attempts": rules.attempts,
            **{name: int(getattr(rules, name).total_seconds()) for name in LENGTHS},
        },
        ensure_ascii=False,
    )


LENGTHS = ("soon", "later", "reserved", "grace")


def team_read(version: int, text: str) -> Team:
    """The kept team. Raises `TeamBroken`."""
    try:
        told: Any = json.loads(text)
        return Team(
            version=version,
            agents=tuple(Agent(name, frozenset(has)) for name, has in told["agents"].items()),
            skills={
                name: Skill(frozenset(offers), frozenset(groups))
                for name, (offers, groups) in told["skills"].items()
            },
            languages={name: from_json(rule) for name, rule in told["languages"].items()},
            rules=Rules(
                attempts=int(told["attempts"]),
                **{name: timedelta(seconds=int(told[name])) for name in LENGTHS},
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise TeamBroken(version=version, cause=str(cause)) from cause
