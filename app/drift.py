"""Whether messages are read differently than before: other intents, more abstention, by language, beyond chance."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log

from sqlalchemy import Engine

from app.store.database import reading
from app.store.readings import Readings, count_readings

NOW, BEFORE = timedelta(days=7), timedelta(days=28)
LEVEL = 0.01  # of all comparisons of one look together (Bonferroni); ops looks often
SHIFT = (
    0.1  # least population stability index worth a word; .25 is a large shift (Siddiqi, Credit Risk Scorecards, 2006)
)
FEWEST = 30  # messages in either time; with fewer nothing can be said
LEAST_EXPECTED = 5.0  # rarer labels are counted together (Cochran, 1954)
REST = "(rarer ones)"


@dataclass(frozen=True, slots=True)
class Shift:
    """One comparison. `stability` is the population stability index; `chance`: how likely such a difference is by chance, corrected."""

    language: str
    of: str  # intents | abstention
    now: Mapping[str, int]
    before: Mapping[str, int]
    stability: float
    chance: float

    @property
    def moved(self) -> bool:
        """Beyond chance, and by enough to matter."""
        return self.chance <= LEVEL and self.stability >= SHIFT


class Drift:
    """Built once; holds the database and the clock."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._clock = engine, clock

    def look(self) -> tuple[Sequence[Shift], Mapping[str, float]]:
        """The last week against the four before it, surest shift first; and the mean confidence of this week by language."""
        now = self._clock()
        with reading(self._engine) as connection:
            recent = count_readings(connection, now - NOW, now)
            earlier = count_readings(connection, now - NOW - BEFORE, now - NOW)
        return shifts(recent, earlier), _confidence(recent)


def shifts(recent: Sequence[Readings], earlier: Sequence[Readings]) -> Sequence[Shift]:
    """Every comparison that can be made, surest first."""
    pairs = [
        (language, of, now, before)
        for language in sorted({one.language for one in recent} & {one.language for one in earlier})
        for of in ("intents", "abstention")
        for now, before in [(_counts(recent, language, of), _counts(earlier, language, of))]
        if min(now.total(), before.total()) >= FEWEST
    ]
    found = [_shift(*pair, looks=len(pairs)) for pair in pairs]
    return sorted(found, key=lambda one: (one.chance, -one.stability, one.language))


def _counts(readings: Sequence[Readings], language: str, of: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in readings:
        if one.language == language:
            counts[one.intent if of == "intents" else "abstained" if one.abstained else "answered"] += one.messages
    return counts


def _shift(language: str, of: str, now: Counter[str], before: Counter[str], *, looks: int) -> Shift:
    from scipy.stats import chi2_contingency  # only whoever asks for drift waits for it

    new, old = _pooled(now, before)
    chance = 1.0
    if len(new) > 1:
        chance = min(1.0, looks * float(chi2_contingency([list(new.values()), list(old.values())]).pvalue))
    return Shift(language, of, new, old, round(_stability(new, old), 4), round(chance, 6))


def _pooled(now: Counter[str], before: Counter[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Both with the same labels; what is expected too seldom counts together."""
    share = min(now.total(), before.total()) / (now.total() + before.total())
    often = [label for label in sorted(now | before) if (now[label] + before[label]) * share >= LEAST_EXPECTED]
    new, old = ({label: counts[label] for label in often} for counts in (now, before))
    rest = (now.total() - sum(new.values()), before.total() - sum(old.values()))
    if any(rest):
        new[REST], old[REST] = rest
    return new, old


def _stability(now: Mapping[str, int], before: Mapping[str, int]) -> float:
    """The population stability index; half a message stands for none, so that it stays finite."""
    total, earlier = sum(now.values()), sum(before.values())
    shares = [(max(now[label], 0.5) / total, max(before[label], 0.5) / earlier) for label in now]
    return sum((new - old) * log(new / old) for new, old in shares)


def _confidence(readings: Sequence[Readings]) -> Mapping[str, float]:
    sums: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for one in readings:
        sums[one.language] += one.messages
        weights[one.language] = weights.get(one.language, 0.0) + one.messages * one.confidence
    return {language: round(weights[language] / sums[language], 4) for language in sorted(sums)}
