"""What comes more often than before, beyond chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEVEL = 0.05  # share of false alarms among what is told (Benjamini and Hochberg, 1995)
LEAST = 5  # messages now; below it nobody should be woken, however rare they were before


@dataclass(frozen=True, slots=True)
class Rise:
    """A group's messages now and in the equally long time before. `chance`: how likely so many are if nothing changed, corrected for all groups looked at."""

    group: str
    now: int
    before: int
    chance: float


def rises(now: Mapping[str, int], before: Mapping[str, int]) -> Sequence[Rise]:
    """Groups that rise significantly, surest first.

    Two counts of equal times are compared by the exact conditional test of Poisson rates (Przyborowski and Wilenski, 1940):
    of all messages of both times, half should be of now. One-sided; all groups looked at count in the correction.
    """
    groups = sorted(group for group in now.keys() | before.keys() if group)
    if not groups:
        return []
    from scipy.stats import binomtest, false_discovery_control  # only whoever asks for figures waits for it

    counts = [(now.get(group, 0), before.get(group, 0)) for group in groups]
    single = [binomtest(new, new + old, 0.5, alternative="greater").pvalue for new, old in counts]
    corrected = false_discovery_control(single, method="bh")
    found = [
        Rise(group, new, old, round(float(chance), 6))
        for group, (new, old), chance in zip(groups, counts, corrected, strict=True)
        if chance <= LEVEL and new >= LEAST
    ]
    return sorted(found, key=lambda rise: (rise.chance, rise.group))
