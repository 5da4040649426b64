"""Builds the parts of the service once: models, knowledge, index, drafter."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from app.drafting.analyze import Models
from app.drafting.drafter import Drafter
from app.rewording.step import Backends, Price
from app.settings import Settings
from knowledge_base.errors import IndexMismatch
from knowledge_base.knowledge import Knowledge, read_knowledge
from knowledge_base.search import ReplyIndex
from models.conduct import ConductClassifier
from models.emotion import EmotionClassifier
from models.encoder import READER, Encoder, load_encoder
from models.generators.base import Generator
from models.generators.openai import OpenAIGenerator, Server
from models.generators.transformers import TransformersGenerator
from models.intent import IntentClassifier
from models.language import LanguageDetector
from models.registry import KINDS, Registry, trained_with
from models.storage import WeightsError
from models.wording import WordingWitness

SHIPPED_WEIGHTS = Path(__file__).parent.parent / "models" / "weights"
Progress = Callable[[str], None]
T = TypeVar("T")


def load_models(settings: Settings) -> Models:
    """The encoders and the promoted version of each classifier.

    WeightsError where a classifier was trained with another encoder than the others: its vectors do not compare.
    """
    registry = open_registry(settings)
    folders = {kind: registry.folder(kind, registry.promoted(kind)) for kind in KINDS}
    reader = _reader(registry)
    return Models(
        reader=reader, encoder=load_encoder(settings.encoder), language=LanguageDetector(),
        intent=_usable("intent", lambda folder: IntentClassifier.load(folder, reader), folders),
        emotion=_usable("emotion", EmotionClassifier.load, folders), conduct=_usable("conduct", ConductClassifier.load, folders),
        wording=WordingWitness.load(load_encoder(READER), SHIPPED_WEIGHTS / "wording"),
    )  # fmt: skip


def _usable(kind: str, load: Callable[[Path], T], folders: Mapping[str, Path]) -> T:
    """The classifier of its folder; WeightsError says how to serve again."""
    try:
        return load(folders[kind])
    except WeightsError as error:
        raise WeightsError(f"{error}; run: countersign models rollback {kind}, or train and promote another") from error


def _reader(registry: Registry) -> Encoder:
    """The encoder that the promoted classifiers were trained with."""
    trained = {kind: trained_with(registry.card(kind, registry.promoted(kind))) for kind in KINDS}
    name, revision = trained["intent"]
    odd = next((kind for kind in KINDS if trained[kind] != trained["intent"]), None)
    reader = load_encoder(name)
    if odd is not None or reader.revision != revision:
        kind = odd or "intent"
        raise WeightsError(
            f"{kind} {registry.promoted(kind)} was trained with another encoder than is in use; "
            f"run: countersign train all --promote, or countersign models rollback {kind}"
        )
    return reader


def open_registry(settings: Settings) -> Registry:
    """The shipped weights and those trained on this machine."""
    return Registry(SHIPPED_WEIGHTS, settings.trained_dir)


def load_index(settings: Settings, knowledge: Knowledge, encoder: Encoder, progress: Progress) -> ReplyIndex:
    """The index of the data folder; a missing one is built, one made of something else is refused (IndexMismatch)."""
    if not (settings.index_dir / "manifest.json").exists():
        return build_index(settings, knowledge, encoder, progress)
    return ReplyIndex.load(settings.index_dir, knowledge.version, encoder)


def build_index(settings: Settings, knowledge: Knowledge, encoder: Encoder, progress: Progress) -> ReplyIndex:
    """Encodes all vetted texts and writes the index beside the old one."""
    index = ReplyIndex.build(
        knowledge.entries(),
        knowledge.version,
        encoder,
        lambda done, total: progress(f"index: {done} of {total} texts") if done == total or done % 1024 == 0 else None,
    )
    index.save(settings.index_dir)
    return index


def refresh_index(settings: Settings, knowledge: Knowledge, encoder: Encoder, progress: Progress) -> ReplyIndex:
    """The index as it is where it fits, else built anew."""
    try:
        return load_index(settings, knowledge, encoder, progress)
    except IndexMismatch:
        return build_index(settings, knowledge, encoder, progress)


def build_backends(settings: Settings) -> Backends:
    """The generators that are set up. Nothing is loaded or reached for before the first text."""
    generators: list[Generator] = []
    if settings.transformers_model:
        generators.append(TransformersGenerator(settings.transformers_model, settings.generator_timeout_seconds))
    if settings.openai_url is not None and settings.openai_model:
        server = Server(
            str(settings.openai_url),
            settings.openai_model,
            settings.openai_key,
            settings.generator_timeout_seconds,
            settings.generator_retries,
        )
        generators.append(OpenAIGenerator(server))
    price = Price(settings.generator_price_sent, settings.generator_price_written, settings.generator_currency)
    return Backends({generator.name: generator for generator in generators}, price, settings.generator_quotes_message)


def build_drafter(settings: Settings, progress: Progress) -> Drafter:
    """Everything that drafting needs, without a database."""
    progress("reading knowledge")
    knowledge = read_knowledge()
    progress("loading models")
    models = load_models(settings)
    return Drafter(models, knowledge, load_index(settings, knowledge, models.encoder, progress))
