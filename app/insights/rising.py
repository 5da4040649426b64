"""What comes more often than before, beyond chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LEVEL = 0.05  # share of false alarms among what is told (Benjamini and Hochberg, 1995)
SUDDEN = 0.002  # of what is looked at every hour: .05 over the twenty-four looks of a day
LEAST = 5  # messages now; below it nobody should be woken, however rare they were before


@dataclass(frozen=True, slots=True)
class Rise:
    """A group's messages now and in the time before. `chance`: how likely so many are if nothing changed, corrected for all groups looked at."""

    group: str
    now: int
    before: int
    chance: float


def rises(now: Mapping[str, int], before: Mapping[str, int]) -> Sequence[Rise]:
    """Groups that rise significantly against the equally long time before, surest first."""
    return _found(now, before, lambda new, old: 0.5, LEVEL)


def sudden_rises(now: Mapping[str, int], before: Mapping[str, int], share: float) -> Sequence[Rise]:
    """Groups that rise within a time that is `share` of both times, and more than all the others do: a busy day is no rise."""
    total, earlier = sum(now.values()), sum(before.values())

    def expected(new: int, old: int) -> float:
        others = total - new + earlier - old
        return max(share, (total - new) / others) if others else share

    return _found(now, before, expected, SUDDEN)


def _found(
    now: Mapping[str, int], before: Mapping[str, int], expected: Callable[[int, int], float], level: float
) -> Sequence[Rise]:
    """Two counts are compared by the exact conditional test of Poisson rates (Przyborowski and Wilenski, 1940).

    Of a group's messages of both times the `expected` share should be of now. One-sided; all groups looked at count in the
    correction.
    """
    groups = sorted(group for group in now.keys() | before.keys() if group)
    if not groups:
        return []
    from scipy.stats import binomtest, false_discovery_control  # only whoever asks for figures waits for it

    counts = [(now.get(group, 0), before.get(group, 0)) for group in groups]
    single = [binomtest(new, new + old, expected(new, old), alternative="greater").pvalue for new, old in counts]
    corrected = false_discovery_control(single, method="bh")
    found = [
        Rise(group, new, old, round(float(chance), 6))
        for group, (new, old), chance in zip(groups, counts, corrected, strict=True)
        if chance <= level and new >= LEAST
    ]
    return sorted(found, key=lambda rise: (rise.chance, rise.group))
