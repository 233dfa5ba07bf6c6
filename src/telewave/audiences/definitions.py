"""The rules behind the audiences that a rule refers to, gathered once; cycles and boundless growth refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from telewave.audiences.model import Version
from telewave.audiences.rule import Event, InAudience, Rule, TooDeep, references, walk
from telewave.kernel import Conflict, Malformed

MOST_REFERENCES = 40
"""How many audiences may stand behind one another."""
MOST_NODES = 10_000

Definitions = Mapping[InAudience, Rule]
Find = Callable[[InAudience], Version]


class CircleOfAudiences(Conflict):
    """The audiences refer to one another in a circle: {circle}. Take one of these references out."""

    code = "circle_of_audiences"


class TooLarge(Malformed):
    """With everything that it refers to, the rule has {nodes} parts; {most} are allowed. Freeze
    a part of it as a tag, or make it simpler.
    """

    code = "too_large"


def gathered(rule: Rule, find: Find) -> dict[InAudience, Rule]:
    """Every reference below `rule`, however far, with its rule.

    `find` gives the version that a reference means, and raises if there is none. Raises
    `CircleOfAudiences`, `TooDeep`, `TooLarge`.
    """
    found: dict[InAudience, Rule] = {}
    _gather(rule, find, (), found)
    nodes = _size(rule, found, {})
    if nodes > MOST_NODES:
        raise TooLarge(nodes=nodes, most=MOST_NODES)
    return found


def _gather(rule: Rule, find: Find, path: tuple[Version, ...], found: dict[InAudience, Rule]) -> None:
    if len(path) > MOST_REFERENCES:
        raise TooDeep
    for reference in references(rule):
        version = find(reference)
        standing = [(v.name, v.version) for v in path]
        if (version.name, version.version) in standing:
            start = standing.index((version.name, version.version))
            circle = [*(v.name for v in path[start:]), version.name]
            raise CircleOfAudiences(circle=" -> ".join(circle))
        if reference not in found:
            _gather(version.rule, find, (*path, version), found)
            found[reference] = version.rule


def _size(rule: Rule, definitions: Definitions, known: dict[InAudience, int]) -> int:
    """Nodes of the rule with every reference written out in its place."""
    total = 0
    for node in walk(rule):
        total += 1
        if isinstance(node, Event) and node.where is not None:
            total += _size(node.where, definitions, known)
        if isinstance(node, InAudience):
            if node not in known:
                known[node] = _size(definitions[node], definitions, known)
            total += known[node]
    return total
