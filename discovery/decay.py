"""Weights that are forgotten by half every 90 days, written so that they can be summed as they are.

Forward decay: what happens at t gets the weight 2^((t − start) / half-life), and a sum is divided
by the same of now. Nothing stored has to be touched again as time passes. G. Cormode and others:
Forward Decay: A Practical Time Decay Model for Streaming Systems, ICDE 2009.
"""

HALF_LIFE_MS = 90 * 24 * 60 * 60 * 1000
# 2026-01-01T00:00Z. A double reaches from there for 250 years.
START_MS = 1_767_225_600_000


def growth(at_ms: int) -> float:
    """The factor of a weight that begins at a moment."""
    return float(2.0 ** ((at_ms - START_MS) / HALF_LIFE_MS))
