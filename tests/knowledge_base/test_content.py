"""The content files hold what the product promises: parametrized over files, languages and situations."""

import re
import unicodedata

import pytest

from app.drafting.predicates import GRANTS
from knowledge_base.knowledge import CONTENT, Knowledge, read_knowledge
from knowledge_base.policies import SitePolicy
from knowledge_base.schema import SLOT_MARK, Situation

KNOWLEDGE = read_knowledge()
LANGUAGES = sorted(KNOWLEDGE.languages)
SITUATIONS = {situation.id: situation for situation in KNOWLEDGE.replies.situations()}
COMPLETE = ("en", "zh")
MARKETS = sorted(KNOWLEDGE.profiles.by_market)
SCRIPTS = {"zh": "CJK", "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ko": "HANGUL", "ru": "CYRILLIC", "ar": "ARABIC"}
PRODUCT_FACTS = {"fact", "size_chart", "manual", "certificate", "restock_date", "alternative"}


def texts(language: str) -> list[tuple[str, str]]:
    """Every wording of a language with the place it stands in."""
    found = [
        (f"{reply}.{name}", text)
        for (reply, code), variant in KNOWLEDGE.replies.variants.items()
        if code == language
        for name, text in variant.sentences.items()
    ]
    words = KNOWLEDGE.phrases.languages.get(language)
    found += [
        (phrase_id, text) for phrase_id, phrase in (words.phrases.items() if words else ()) for text in phrase.texts
    ]
    return found


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_words_every_situation(language: str) -> None:
    assert [situation for situation in SITUATIONS if (situation, language) not in KNOWLEDGE.replies.variants] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_served_language_has_profile_phrases_patterns_and_replies(language: str) -> None:
    assert KNOWLEDGE.served(language) and language in KNOWLEDGE.lexicons
    worded = sum(code == language for _, code in KNOWLEDGE.replies.variants)
    assert worded >= 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_has_a_name_for_the_agent(language: str) -> None:
    profile = KNOWLEDGE.languages[language]
    english = KNOWLEDGE.languages["en"]
    assert profile.intents.keys() == english.intents.keys()
    assert profile.emotions.keys() == english.emotions.keys() and profile.conduct.keys() == english.conduct.keys()


def test_every_intent_has_a_file_and_a_name() -> None:
    assert KNOWLEDGE.replies.intents.keys() - {"outreach"} == KNOWLEDGE.languages["en"].intents.keys()


@pytest.mark.parametrize("reply", sorted(SITUATIONS))
def test_a_situation_refers_to_things_that_exist(reply: str) -> None:
    situation: Situation = SITUATIONS[reply]
    predicates = [*situation.when, *(item for sentence in situation.sentences for item in sentence.conditions)]
    assert {item.argument for item in predicates if item.name == "policy.grants"} <= GRANTS
    assert {item.argument for item in predicates if item.name == "product.has"} <= PRODUCT_FACTS
    assert {sentence.policy for sentence in situation.sentences if sentence.policy} <= SitePolicy.model_fields.keys()
    assert set(situation.wants) <= KNOWLEDGE.slots.keys()


@pytest.mark.parametrize("reply", sorted(SITUATIONS))
def test_a_situation_has_one_regret_and_one_open_door_at_most(reply: str) -> None:
    kinds = [sentence.kind for sentence in SITUATIONS[reply].sentences if not sentence.conditions]
    assert kinds.count("empathy") <= 1 and kinds.count("next_step") <= 1


@pytest.mark.parametrize(
    "name",
    sorted({slot for situation in SITUATIONS.values() for sentence in situation.sentences for slot in sentence.asks}),
)
def test_everything_that_is_asked_for_has_its_phrase(name: str) -> None:
    assert {f"asks.{name}", f"asks.{name}.item"} <= KNOWLEDGE.phrases.specs.keys()
    assert KNOWLEDGE.slots[name].tells == "buyer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_situation_can_be_found_by_at_least_three_questions(language: str) -> None:
    few = [
        reply
        for (reply, code), variant in KNOWLEDGE.replies.variants.items()
        if code == language and len(variant.questions) < 3 and SITUATIONS[reply].event is None
    ]
    assert few == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_name_the_same_slots_in_the_same_sentence(language: str) -> None:
    different = []
    for (reply, code), variant in KNOWLEDGE.replies.variants.items():
        english = KNOWLEDGE.replies.variants.get((reply, "en"))
        if code == language and english is not None:
            different += [
                f"{reply}.{name}"
                for name, text in variant.sentences.items()
                if set(SLOT_MARK.findall(text)) != set(SLOT_MARK.findall(english.sentences[name]))
            ]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_wordings_are_in_the_languages_own_script(language: str) -> None:
    expected = SCRIPTS.get(language, "LATIN")
    wanted = (expected,) if isinstance(expected, str) else expected
    odd = []
    for place, text in texts(language):
        letters = [char for char in SLOT_MARK.sub("", text) if char.isalpha()]
        own = [char for char in letters if unicodedata.name(char, "").startswith(wanted)]
        if letters and len(own) < 0.5 * len(letters) and len(letters) > 12:
            odd.append(place)
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_another_script_hides_in_a_word(language: str) -> None:
    mixed = re.compile(r"[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
    assert [place for place, text in texts(language) if mixed.search(SLOT_MARK.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_wordings_are_clean_and_short(language: str) -> None:
    faults = [
        place
        for place, text in texts(language)
        if text != text.strip()
        or "  " in text
        or len(text) > 420
        or text.count("!") + text.count("！") > 1
        or text != unicodedata.normalize("NFC", text)
    ]
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_own_wording_is_caught_by_its_own_patterns(language: str) -> None:
    lexicon = KNOWLEDGE.lexicons[language]
    caught = []
    for place, text in texts(language):
        for sentence in re.split(r"(?<=[.!?。！？؟])\s*", text.casefold()):
            for check, finder in lexicon.checks.items():
                harmless = finder.unless_pattern is not None and finder.unless_pattern.search(sentence)
                if (
                    check != "ungranted_promise"
                    and finder.find_pattern
                    and finder.find_pattern.search(sentence)
                    and not harmless
                ):
                    caught.append((place, check))
    assert caught == []


@pytest.mark.parametrize("market", MARKETS)
def test_a_market_has_a_profile_whose_every_rule_has_a_reason(market: str) -> None:
    profile = KNOWLEDGE.profiles.by_market[market]
    for language in {tag.partition("-")[0] for tag in profile.languages}:
        manner = profile.manner_in(language)
        assert all(getattr(manner, name).reason["en"] for name in type(manner).model_fields)


def test_agents_are_spoken_to_in_the_same_keys_in_every_console_language() -> None:
    english = KNOWLEDGE.agent_words["en"]
    for words in KNOWLEDGE.agent_words.values():
        assert words.keys() == english.keys()
        assert all(
            set(re.findall(r"\{(\w+)\}", words[key])) == set(re.findall(r"\{(\w+)\}", english[key])) for key in english
        )


def test_the_version_changes_with_any_file(tmp_path: object, knowledge: Knowledge) -> None:
    import shutil

    copy = tmp_path / "content"  # type: ignore[operator]
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("examples.jsonl", "gate.jsonl"))
    same = read_knowledge(copy)
    phrases = copy / "languages" / "en" / "phrases.toml"
    phrases.write_text(phrases.read_text(encoding="utf-8").replace("Hello,", "Hi,"), encoding="utf-8")
    assert same.version == knowledge.version != read_knowledge(copy).version


@pytest.mark.parametrize(
    ("file", "before", "after", "named"),
    [
        ("languages/en/replies/order_tracking.toml", "{carrier}", "{carier}", "carier"),
        ("intents/order_tracking.toml", "order.before(eta_to)", "order.earlier(eta_to)", "order.earlier"),
        ("intents/order_tracking.toml", 'needs = ["eta"', 'needs = ["etta"', "etta"),
        ("languages/en/phrases.toml", '"closing.warm"', '"closing.worm"', "closing.worm"),
        ("policies/site.toml", "return_days = 30", 'return_days = "thirty"', "return_days"),
        ("markets/DE.toml", 'family = "german_speaking"', 'family = "german"', "family"),
        ("slots.toml", 'type = "money"', 'type = "coin"', "order_total"),
    ],
)
def test_a_fault_is_named_with_its_file_and_field(
    tmp_path: object, file: str, before: str, after: str, named: str
) -> None:
    import shutil

    from knowledge_base.errors import ContentError

    copy = tmp_path / "content"  # type: ignore[operator]
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("examples.jsonl", "gate.jsonl"))
    text = (copy / file).read_text(encoding="utf-8")
    if before not in text:
        pytest.fail(f"{file} no longer holds {before!r}")
    (copy / file).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        read_knowledge(copy)
    assert any(
        fault.path.name == file.rpartition("/")[2] and named in f"{fault.field} {fault.detail}"
        for fault in error.value.faults
    )
