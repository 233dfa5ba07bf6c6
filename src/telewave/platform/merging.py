"""Two changes of one table at once: what either did stands, as if one had come after the other. Pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any, TypeVar

File = TypeVar("File", bound=Hashable)


def merged_partitions(
    before: Mapping[str, tuple[File, ...]],
    mine: Mapping[str, tuple[File, ...]],
    present: Mapping[str, tuple[File, ...]],
    replaced: Collection[str],
) -> dict[str, tuple[File, ...]]:
    """`present` with what happened between `before` and `mine`: partitions in
    `replaced` become mine, others lose and gain files.

    >>> merged_partitions({"mon": ("a",)}, {"mon": ("a", "b")}, {"mon": ("a", "c"), "tue": ("d",)}, ())
    {'mon': ('a', 'c', 'b'), 'tue': ('d',)}
    """
    result = dict(present)
    for key in dict.fromkeys((*before, *mine)):
        old, new = before.get(key, ()), mine.get(key, ())
        if old == new:
            continue
        files = new
        if key not in replaced:
            kept = tuple(file for file in present.get(key, ()) if file in new or file not in old)
            files = (*kept, *(file for file in new if file not in old and file not in kept))
        if files:
            result[key] = files
        else:
            result.pop(key, None)
    return result


def merged_facts(
    before: Mapping[str, Any], mine: Mapping[str, Any], present: Mapping[str, Any]
) -> dict[str, Any]:
    """`present` with the facts that differ between `before` and `mine`, at whatever depth of mappings they stand.

    >>> merged_facts({"a": {"x": 1, "y": 1}}, {"a": {"x": 2}}, {"a": {"x": 1, "y": 1, "z": 3}, "b": 4})
    {'a': {'x': 2, 'z': 3}, 'b': 4}
    """
    result = dict(present)
    for key in before.keys() - mine.keys():
        result.pop(key, None)
    for key, new in mine.items():
        old, now = before.get(key), present.get(key)
        if key in before and old == new:
            continue
        if isinstance(new, Mapping) and isinstance(now, Mapping):
            result[key] = merged_facts(old if isinstance(old, Mapping) else {}, new, now)
        else:
            result[key] = new
    return result
