"""Is a new version worse than the one that serves? Paired on the gate sets, which no version has learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.encoder import Encoder
from models.examples import Example
from models.storage import Json
from models.training import Classifier, judge
from models.types import Bools

RESAMPLES = 4000
LEVEL = 0.95
"""Of the whole comparison: each language's interval is widened by Bonferroni's correction."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Shares of messages read right by the serving and the new version, and the interval of their difference."""

    messages: int
    serving: float
    new: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """Worse beyond noise."""
        return self.high < 0

    @property
    def better(self) -> bool:
        """Better beyond noise."""
        return self.low > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two versions of a kind, by language and over all."""

    languages: Mapping[str, Difference]
    pooled: Difference

    @property
    def worse(self) -> tuple[str, ...]:
        """Languages in which the new version is worse beyond noise, and "all" where it is so over all."""
        found = tuple(code for code, one in self.languages.items() if one.worse)
        return (*found, *(("all",) if self.pooled.worse else ()))

    def to_dict(self) -> dict[str, Json]:
        """Plain JSON."""
        named = {**self.languages, "all": self.pooled}
        return {code: {name: getattr(one, name) for name in one.__dataclass_fields__} for code, one in named.items()}

    def to_text(self) -> str:
        """A table, worst first."""
        rows = sorted(self.languages.items(), key=lambda item: item[1].new - item[1].serving)
        lines = ["language  messages  serving     new  difference, 95 % of the whole comparison"]
        for code, one in (*rows, ("all", self.pooled)):
            mark = "  worse" if one.worse else "  better" if one.better else ""
            lines.append(
                f"{code:<9} {one.messages:>8}  {one.serving:>7.3f} {one.new:>7.3f}  {one.low:+.3f} to {one.high:+.3f}{mark}"
            )
        return "\n".join(lines)


def compare(
    new: Classifier, serving: Classifier, gate: Sequence[Example], encoders: tuple[Encoder, Encoder]
) -> Comparison:
    """`encoders` are those of the new and the serving version; ValueError where the gate is empty."""
    if not gate:
        raise ValueError("there are no gate messages to compare on")
    after = np.array([judge(new, example, encoders[0]).right for example in gate], dtype=np.bool_)
    before = np.array([judge(serving, example, encoders[1]).right for example in gate], dtype=np.bool_)
    codes = np.array([example.language for example in gate])
    names = sorted(set(codes.tolist()))
    level = 1 - (1 - LEVEL) / (len(names) + 1)
    languages = {code: _difference(before[codes == code], after[codes == code], level) for code in names}
    return Comparison(languages, _difference(before, after, level))


def _difference(before: Bools, after: Bools, level: float) -> Difference:
    """Percentile interval of the paired bootstrap (Efron 1979), seeded."""
    gaps = after.astype(np.float32) - before.astype(np.float32)
    drawn = np.random.default_rng(0).integers(0, len(gaps), (RESAMPLES, len(gaps)))
    means = gaps[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Difference(
        len(gaps),
        round(float(before.mean()), 4),
        round(float(after.mean()), 4),
        round(float(low), 4),
        round(float(high), 4),
    )
