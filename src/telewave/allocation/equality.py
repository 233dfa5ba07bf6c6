"""Which subscribers are alike (the same class and, bit by bit, the same values), and which options are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from telewave.allocation.compiled import compiled
from telewave.allocation.model import Codes, Problem

PROBED = 64
"""Subscribers who tell most pairs of options apart."""


@dataclass(frozen=True, eq=False, slots=True)
class EqualRows:
    """Kinds of subscribers. `of`: each one's kind, shape (n,). `first`: one of each kind, shape (K,). `size`: (K,)."""

    of: Codes
    first: Codes
    size: Codes


def equal_rows(problem: Problem) -> EqualRows:
    """Subscribers by equal rows; everybody apart where households are limited, since kin is not alike."""
    everybody = np.arange(problem.subscribers)
    if problem.household_ends is not None or not problem.options:
        return EqualRows(everybody, everybody, np.ones_like(everybody))
    classes = np.zeros(problem.subscribers, np.uint16) if problem.classes is None else problem.classes
    bits = problem.values.view(np.uint32)
    _, first, of = np.unique(_hashed(bits, classes), return_index=True, return_inverse=True)
    odd = np.flatnonzero(_differing(bits, classes, first[of]))  # the same hash by chance: apart
    if len(odd):
        of[odd] = len(first) + np.arange(len(odd))
        first = np.concatenate([first, odd])
    return EqualRows(of.astype(np.int64), first.astype(np.int64), np.bincount(of, minlength=len(first)))


def equal_options(problem: Problem) -> Codes:
    """Of each option the first that is worth the same to everybody, shape (m,); of the same offer, where that counts.

    At prices of the limits a subscriber takes the cheapest of equal options: they have the least of their prices in
    common, and pool their room.
    """
    first = np.arange(problem.options)
    if not problem.subscribers:
        return first
    bits = problem.values.view(np.uint32)
    probe = bits[:: max(1, problem.subscribers // PROBED)]
    for j in range(1, problem.options):
        for k in range(j):
            alike = first[k] == k and (problem.most == 1 or problem.offer[k] == problem.offer[j])
            if alike and np.array_equal(probe[:, j], probe[:, k]) and _same_column(bits, j, k):
                first[j] = k
                break
    return first


@compiled
def _same_column(bits: Any, j: int, k: int) -> bool:
    i = 0
    while i < bits.shape[0] and bits[i, j] == bits[i, k]:
        i += 1
    return bool(i == bits.shape[0])


@compiled
def _hashed(bits: Any, classes: Any) -> Any:
    """64 bits of each row and class (the steps of splitmix64, one a value)."""
    found = np.empty(bits.shape[0], np.uint64)
    for i in range(bits.shape[0]):
        z = np.uint64(classes[i]) + np.uint64(0x9E3779B97F4A7C15)
        for j in range(bits.shape[1]):
            z = (z ^ np.uint64(bits[i, j])) * np.uint64(0xBF58476D1CE4E5B9)
            z ^= z >> np.uint64(29)
        found[i] = (z ^ (z >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    return found


@compiled
def _differing(bits: Any, classes: Any, like: Any) -> Any:
    """Whether a row differs from the one that it should be like."""
    found = np.zeros(bits.shape[0], np.bool_)
    for i in range(bits.shape[0]):
        k = like[i]
        if k == i:
            continue
        if classes[i] != classes[k]:
            found[i] = True
        for j in range(bits.shape[1]):
            if bits[i, j] != bits[k, j]:
                found[i] = True
    return found
