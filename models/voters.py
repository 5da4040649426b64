"""Statistical language voters: text and candidate languages in, a score of 0 to 1 per language out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

Voter = Callable[[str, str, Sequence[str]], dict[str, float]]
"""(text, script, candidates) -> scores; {} where it has no opinion."""

# eldc knows Malay, not Indonesian: in chat they are close enough for Malay's profile to serve.
_ELDC_NAMES = {"id": "ms"}


@cache
def eldc_voter() -> Voter | None:
    """The n-gram detector eldc; None where it has no wheel for this machine."""
    try:
        import eldc
    except ImportError:
        return None
    eldc.init()
    known = set(eldc.LANGUAGES)
    # Instances carry their own languages: eldc.set_languages() alone would set them for the whole process.
    instances: dict[str, object] = {}

    def vote(text: str, script: str, candidates: Sequence[str]) -> dict[str, float]:
        instance = instances.get(script)
        if instance is None:
            instance = instances[script] = _eldc_instance(eldc, [_ELDC_NAMES.get(c, c) for c in candidates], known)
        details = instance.detect_details(text)  # type: ignore[attr-defined]
        back = {theirs: ours for ours, theirs in _ELDC_NAMES.items()}
        return {back.get(code, code): float(score) for code, score in details.scores.items()}

    return vote


def _eldc_instance(eldc: object, names: Sequence[str], known: set[str]) -> object:
    instance = eldc.instance()  # type: ignore[attr-defined]
    instance.set_languages([name for name in names if name in known])
    instance.set_scores(5)
    return instance


@cache
def langdetect_voter() -> Voter:
    """langdetect with its own factory and a fixed seed: unseeded, it changes its mind from run to run."""
    import langdetect
    from langdetect.detector_factory import DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.load_profile(str(Path(langdetect.__file__).with_name("profiles")))
    factory.seed = 0

    def vote(text: str, script: str, candidates: Sequence[str]) -> dict[str, float]:
        del script
        detector = factory.create()
        detector.append(text)
        detector.set_prior_map({code: 1.0 for code in candidates if code in factory.langlist})
        try:
            found = detector.get_probabilities()
        except LangDetectException:  # "no features in text": no letter that it knows
            return {}
        return {language.lang: float(language.prob) for language in found}

    return vote
