"""Small convex quadratic programmes by an interior point method, with multipliers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Floats = NDArray[np.float64]
STEPS, NEAR, INSIDE = 60, 1e-12, 0.995


def least(cost: Floats, curve: Floats, rows: Any, bounds: Floats) -> tuple[Floats, Floats] | None:
    """Argmin of cost . x + x . curve . x / 2 where rows . x >= bounds, and a multiplier a row; None if none was found.

    `curve`: shape (v, v), positive semidefinite. `rows`: sparse, (c, v), of full rank v. Mehrotra's predictor and
    corrector (Nocedal and Wright 2006, Numerical Optimization, algorithm 16.4).
    """
    across = rows.T.tocsr()
    x = np.zeros(len(cost))
    slack = np.maximum(np.abs(rows @ x - bounds), 1.0)
    many = np.ones(len(bounds))
    size = 1 + np.abs(cost).max(initial=0.0) + np.abs(bounds).max(initial=0.0)
    for _ in range(STEPS):
        dual = curve @ x + cost - across @ many
        primal = rows @ x - slack - bounds
        mean = float(slack @ many) / len(bounds)
        if mean < NEAR * size and max(np.abs(dual).max(), np.abs(primal).max()) < 1e-9 * size:
            return x, many
        weight = many / slack
        matrix = curve + (across.multiply(weight) @ rows).toarray()
        matrix[np.diag_indices_from(matrix)] += 1e-14 * (1 + np.abs(matrix.diagonal()))
        try:
            factor = cho_factor(matrix, lower=True, check_finite=False)
        except np.linalg.LinAlgError:
            break
        product = slack * many
        for turn in (0, 1):
            right = -dual - across @ (product / slack + weight * primal)
            move = cho_solve(factor, right, check_finite=False)
            more = rows @ move + primal
            more_many = -product / slack - weight * more
            far, far_many = _far(slack, more), _far(many, more_many)
            if turn == 0:
                next_mean = float((slack + far * more) @ (many + far_many * more_many)) / len(bounds)
                product = slack * many + more * more_many - mean * (next_mean / mean) ** 3
        step = INSIDE * min(far, far_many)
        x, slack, many = x + step * move, slack + step * more, many + step * more_many
    return (x, many) if mean < 1e-7 * size else None


def _far(at: Floats, move: Floats) -> float:
    """How far along `move` all stay positive, at most 1."""
    down = move < 0
    return float(min(1.0, np.min(-at[down] / move[down], initial=np.inf)))
