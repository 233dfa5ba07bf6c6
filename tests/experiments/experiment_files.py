"""A small experiment as a file: three arms, households, what was known before, and what came after."""

import csv

import numpy as np

ARMS = ("left alone", "SMS", "call")


def experiment(n=3000, seed=1, effect=(0.0, 0.01, 0.15), arms=ARMS):
    """Rows as dictionaries of text, as an export writes them."""
    draw = np.random.default_rng(seed)
    arm = draw.permutation(np.arange(n) % len(arms))
    before = draw.gamma(4, 15, n)
    chance = 0.1 + np.array(effect)[arm] + 0.001 * (before - 60)
    took = draw.random(n) < chance
    bill = before + 10 * took + draw.normal(0, 8, n)
    return [
        {
            "number": f"1390000{k:04d}",
            "house": f"H{k // 2}",
            "arm": arms[arm[k]],
            "bill before": f"{before[k]:.2f}",
            "took": "yes" if took[k] else "no",
            "bill": f"{bill[k]:.2f}",
            "plan": ("A", "B", "C")[k % 3],
        }
        for k in range(n)
    ]


def written(path, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
