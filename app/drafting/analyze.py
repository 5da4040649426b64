"""Reading a message: language, intents with spans, feeling, conduct, entities, priority - each by its model, none by a rule here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from time import perf_counter
from typing import TypeVar

from app.domain import (
    OUTREACH,
    Analysis,
    BuyerMessage,
    ConductScore,
    Emotion,
    Entity,
    IntentScore,
    Language,
    LanguageScore,
)
from app.drafting.calendar import local_date
from app.drafting.triage import triage
from knowledge_base.knowledge import Knowledge
from knowledge_base.profiles import DEFAULT_MARKET, Profile
from models.conduct import ConductClassifier
from models.emotion import EmotionClassifier
from models.encoder import Encoder, JoinedEncoder
from models.entities import Told, find_entities
from models.examples import Turn
from models.intent import IntentClassifier
from models.language import LanguageDetector, LanguageReading
from models.text import EncodedText, encode_text
from models.tokens import told_before
from models.wording import WordingWitness

T = TypeVar("T")
ENCODED_KEPT = 256  # messages: those whose drafts are being edited, checked and drafted anew just now
CONVERSATION, LOCALE, MARKET = (
    0.5,
    0.3,
    0.2,
)  # weights of the priors on a message's language: what the buyer wrote before tells most
FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Models:
    """The learned parts, loaded once: `reader` encodes for the classifiers, `encoder` for the search over replies."""

    reader: Encoder
    encoder: Encoder
    language: LanguageDetector
    intent: IntentClassifier
    emotion: EmotionClassifier
    conduct: ConductClassifier
    wording: WordingWitness | None = None
    """Reads replies, not messages: what must not go out."""

    def classifier(self, kind: str) -> IntentClassifier | EmotionClassifier | ConductClassifier:
        """The classifier of a kind; KeyError where there is none."""
        kinds: dict[str, IntentClassifier | EmotionClassifier | ConductClassifier] = {
            "intent": self.intent,
            "emotion": self.emotion,
            "conduct": self.conduct,
        }
        return kinds[kind]

    def for_search(self, encoded: EncodedText) -> EncodedText:
        """A text encoded by the reader, as the search encoder sees it; encoded anew only where the reader lacks it."""
        if isinstance(self.reader, JoinedEncoder) and self.reader.general is self.encoder:
            return encoded.through(self.reader.general_part)
        return encoded if self.reader is self.encoder else encode_text(self.encoder, encoded.text)

    @property
    def versions(self) -> dict[str, str]:
        """Which versions read a message."""
        return {
            "language": self.language.version,
            "intent": self.intent.version,
            "emotion": self.emotion.version,
            "conduct": self.conduct.version,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """An analysis with what later stages reuse: the vectors of the search encoder, and the market whose manner applies."""

    analysis: Analysis
    encoded: EncodedText | None  # None: nobody wrote anything
    market: str | None


class Analyzer:
    """Reads messages; remembers the vectors of the last ones, for a message is read again with each change of its draft."""

    def __init__(self, models: Models, knowledge: Knowledge) -> None:
        self._models = models
        self._knowledge = knowledge
        self._encoded = lru_cache(ENCODED_KEPT)(partial(encode_text, models.reader))

    def read(self, message: BuyerMessage) -> Reading:
        """The whole reading; `timings_ms` tells what each part took."""
        if message.event is not None:
            return self._of_event(message)
        timings: dict[str, float] = {}
        history = tuple(Turn(turn.sender, turn.text) for turn in message.history)
        language, market = _timed("language", timings, lambda: self._language(message))
        encoded = _timed("embedding", timings, lambda: self._encoded(message.text, told_before(history)))
        intents = _timed("intent", timings, lambda: self._models.intent.predict(encoded, history))
        emotion = _timed("emotion", timings, lambda: self._models.emotion.predict(encoded))
        conduct = _timed("conduct", timings, lambda: self._models.conduct.predict(encoded))
        today = local_date(message.received_at, self._knowledge.profiles.get(market).timezone)
        told = Told(language.reply_language.partition("-")[0], today)
        entities = _timed("entities", timings, lambda: find_entities(message.text, market, told))
        analysis = Analysis(
            language=language,
            intents=tuple(IntentScore(id=item.id, score=round(item.score, 4), span=(item.start, item.end)) for item in intents.intents),
            emotion=Emotion(id=emotion.id, score=round(emotion.score, 4), intensity=round(emotion.intensity, 2), scores={key: round(value, 4) for key, value in emotion.scores.items()}),
            conduct=tuple(ConductScore(id=item.id, score=round(item.score, 4)) for item in conduct),
            entities=tuple(Entity(type=item.type, value=item.value, span=(item.start, item.end), **_known_detail(item.detail)) for item in entities),
            priority=triage(intents.intents[0].id, emotion.id, emotion.intensity, {item.id for item in conduct}, message, self._knowledge),
            abstained=intents.abstained, abstain_reason=intents.abstain_reason, versions=self._models.versions, timings_ms=timings,
        )  # fmt: skip
        return Reading(analysis, self._models.for_search(encoded), market)

    def _of_event(self, message: BuyerMessage) -> Reading:
        """Nobody wrote: only the language of the reply, the market and the clock are read."""
        language, market = self._language(message)
        analysis = Analysis(
            language=language,
            intents=(IntentScore(id=OUTREACH, score=1.0, span=(0, 0)),),
            emotion=Emotion(id="neutral", score=1.0, intensity=0.0, scores={"neutral": 1.0}),
            conduct=(),
            entities=(),
            priority=triage(OUTREACH, "neutral", 0.0, set(), message, self._knowledge),
            versions=self._models.versions,
            timings_ms={},
        )
        return Reading(analysis, None, market)

    def _language(self, message: BuyerMessage) -> tuple[Language, str | None]:
        reading = self._models.language.detect(message.text, self._priors(message))
        market = find_market(message)
        code = reading.code if reading.code != "und" else self._expected(message)
        market = market or reading.region or self._home(code)
        tag, fallback = reply_tag(code, reading, market, self._knowledge)
        if message.options.reply_language != "auto":
            tag, fallback = self._asked_for(message.options.reply_language, tag)
        language = Language(
            code=reading.code, confidence=round(reading.confidence, 4), script=reading.script, region=reading.region, reply_language=tag, fallback=fallback,
            alternatives=tuple(LanguageScore(code=other, confidence=round(score, 4)) for other, score in reading.alternatives),
        )  # fmt: skip
        return language, market

    def _priors(self, message: BuyerMessage) -> Mapping[str, float]:
        priors: dict[str, float] = {}
        earlier = " ".join(turn.text for turn in message.history if turn.sender == "buyer")[-500:]
        if earlier:
            code = self._models.language.detect(earlier).code
            priors[code] = priors.get(code, 0.0) + CONVERSATION
        if message.buyer.locale:
            code = message.buyer.locale.replace("_", "-").partition("-")[0].lower()
            priors[code] = priors.get(code, 0.0) + LOCALE
        market = find_market(message)
        if market and self._knowledge.profiles.known(market):
            code = self._knowledge.profiles.get(market).languages[0].partition("-")[0]
            priors[code] = priors.get(code, 0.0) + MARKET
        priors.pop("und", None)
        return priors

    def _expected(self, message: BuyerMessage) -> str:
        """What the buyer most likely reads, where the text does not show it."""
        priors = self._priors(message)
        return max(priors, key=lambda code: priors[code]) if priors else FALLBACK_LANGUAGE

    def _home(self, code: str) -> str | None:
        profile = self._knowledge.languages.get(code)
        return profile.home_market if profile else None

    def _asked_for(self, wanted: str, otherwise: str) -> tuple[str, str | None]:
        code = wanted.partition("-")[0]
        if not self._knowledge.served(code):
            return otherwise, f"no vetted replies in {wanted}"
        return (wanted if "-" in wanted else self._knowledge.languages[code].tag), None


def find_market(message: BuyerMessage) -> str | None:
    """The buyer's country, as far as the data says: asked for, delivered to, living in, set on the device."""
    if message.options.market != "auto":
        return message.options.market
    if message.order is not None and message.order.destination_country:
        return message.order.destination_country
    if message.buyer.country:
        return message.buyer.country
    region = (message.buyer.locale or "").replace("_", "-").split("-")[-1]
    return region if len(region) == 2 and region.isupper() else None


def reply_tag(code: str, reading: LanguageReading, market: str | None, knowledge: Knowledge) -> tuple[str, str | None]:
    """The full tag in which to answer, and why where it is not the message's own language."""
    profile = knowledge.profiles.get(market)
    if knowledge.served(code):
        return _regional(code, reading, market, profile, knowledge), None
    served = next((tag for tag in profile.languages if knowledge.served(tag.partition("-")[0])), FALLBACK_LANGUAGE)
    return served, f"no vetted replies in {code}; the market {market or DEFAULT_MARKET} falls back to {served}"


def _regional(code: str, reading: LanguageReading, market: str | None, profile: Profile, knowledge: Knowledge) -> str:
    if code == "zh" and reading.script == "Hant":
        return "zh-HK" if market in ("HK", "MO") or reading.region == "HK" else "zh-TW"
    own = profile.reply_tag(code)
    if own is not None and own != code:
        return own
    if reading.region:
        return f"{code}-{reading.region}"
    if f"{code}-{market}" in knowledge.languages[code].like:
        return f"{code}-{market}"
    return knowledge.languages[code].tag


def _known_detail(detail: Mapping[str, str]) -> dict[str, str]:
    return {key: detail[key] for key in ("carrier", "currency", "amount") if key in detail}


def _timed(name: str, timings: dict[str, float], work: Callable[[], T]) -> T:
    started = perf_counter()
    try:
        return work()
    finally:
        timings[name] = round((perf_counter() - started) * 1000, 3)
