"""Nothing enters a draft unvetted, out of its window or out of its scope; the next fitting reply answers instead."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain import Drafted
from app.drafting.drafter import Drafter
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Intent, Situation, Variant
from tests.conftest import ORDER, draft

SHIPPED, FALLBACK = "order_tracking.shipped", "order_tracking.ask"


def with_situation(knowledge: Knowledge, **changes: object) -> Knowledge:
    """The knowledge with one situation changed."""
    intent = knowledge.replies.intents["order_tracking"]
    situations = [
        Situation.model_validate(item.model_dump(by_alias=True) | changes) if item.id == SHIPPED else item
        for item in intent.situation
    ]
    changed: Intent = intent.model_copy(update={"situation": tuple(situations)})
    return replace(
        knowledge, replies=replace(knowledge.replies, intents={**knowledge.replies.intents, changed.id: changed})
    )


def with_vetting(knowledge: Knowledge, language: str, **changes: object) -> Knowledge:
    """The knowledge with one variant's vetting changed."""
    variant: Variant = knowledge.replies.variants[SHIPPED, language]
    changed = variant.model_copy(update={"vetting": variant.vetting.model_copy(update=changes)})
    variants = {**knowledge.replies.variants, (SHIPPED, language): changed}
    return replace(knowledge, replies=replace(knowledge.replies, variants=variants))


def answer(drafter: Drafter, knowledge: Knowledge, text: str = "Where is my parcel?", **more: object) -> Drafted:
    return draft(Drafter(drafter.models, knowledge, drafter.index), text, ORDER, "US", **more)


def used(drafted: Drafted) -> set[str]:
    return {segment.source.id.rpartition(".")[0] for segment in drafted.draft.segments if segment.intent}


def shown(drafted: Drafted) -> set[str]:
    return {evidence.reply_id for evidence in drafted.draft.evidence}


def test_the_vetted_reply_in_window_and_scope_is_used(drafter: Drafter) -> None:
    knowledge = with_situation(
        drafter.knowledge,
        scope={"sites": ["default"], "channels": ["api"], "markets": ["US", "CA"]},
        valid_from="2026-11-22",
        valid_until="2026-11-22",
    )
    assert used(answer(drafter, knowledge)) == {SHIPPED}


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": "2026-11-23"},
        {"valid_until": "2026-11-21"},
        {"scope": {"sites": ["other"]}},
        {"scope": {"channels": ["amazon", "ebay"]}},
        {"scope": {"markets": ["GB"]}},
    ],
)
def test_a_reply_out_of_window_or_scope_is_neither_used_nor_shown(drafter: Drafter, changes: dict[str, object]) -> None:
    drafted = answer(drafter, with_situation(drafter.knowledge, **changes))
    assert used(drafted) == {FALLBACK} and SHIPPED not in shown(drafted)


@pytest.mark.parametrize("changes", [{"vetted": False}, {"valid_until": date(2026, 11, 21)}])
def test_a_wording_that_is_unvetted_or_has_run_out_is_neither_used_nor_quoted(
    drafter: Drafter, changes: dict[str, object]
) -> None:
    knowledge = with_vetting(drafter.knowledge, "en", **changes)
    drafted = answer(drafter, knowledge)
    quoted = {evidence.text for evidence in drafted.draft.evidence}
    assert used(drafted) == {FALLBACK}
    assert not quoted & set(knowledge.replies.variants[SHIPPED, "en"].questions)


def test_the_other_languages_go_on_using_theirs(drafter: Drafter) -> None:
    knowledge = with_vetting(drafter.knowledge, "en", vetted=False)
    assert used(answer(drafter, knowledge, "Wo ist mein Paket?")) == {SHIPPED}


def test_an_unvetted_wording_is_not_in_the_gloss_either(drafter: Drafter) -> None:
    knowledge = with_vetting(drafter.knowledge, "zh", vetted=False)
    gloss = answer(drafter, knowledge, agent_language="zh").draft.gloss
    wordings = knowledge.replies.variants[SHIPPED, "zh"].sentences
    assert wordings["watching"] not in gloss.text


def test_a_reply_that_an_agent_asks_for_is_not_used_out_of_scope(drafter: Drafter) -> None:
    from app.domain import Basis, Steer
    from tests.conftest import message

    knowledge = with_situation(drafter.knowledge, scope={"markets": ["GB"]})
    steered = Basis(message=message("Where is my parcel?", ORDER, "US"), steer=Steer(reply_id=SHIPPED))
    assert used(Drafter(drafter.models, knowledge, drafter.index).draft(steered)) == {FALLBACK}


def test_a_segment_names_the_version_of_its_own_wording(drafter: Drafter) -> None:
    drafted = answer(drafter, with_vetting(drafter.knowledge, "en", version=7))
    assert {segment.source.version for segment in drafted.draft.segments if segment.intent} == {7}
