"""All checks over one text, in one place: a check is one function and its line here."""

from collections.abc import Callable

from app.domain import Check
from app.drafting.checks.channel import check_channel
from app.drafting.checks.context import CheckContext
from app.drafting.checks.form import (
    check_degraded,
    check_expired,
    check_language,
    check_length,
    check_market,
    check_questions,
)
from app.drafting.checks.grounding import check_grounding
from app.drafting.checks.record import check_record
from app.drafting.checks.wording import check_contacts, check_personal_data, check_unfilled, check_wording

CHECK_IDS = (
    "off_platform", "customs_fraud", "unsafe_promise", "ungranted_promise", "ungrounded_fact", "unfilled_slot", "unanswered_question", "personal_data",
    "hostile_tone", "liability", "review_manipulation", "wrong_language", "too_long", "market_avoid", "platform_rule", "contradicts_record", "degraded",
)  # fmt: skip

_CHECKS: tuple[Callable[[CheckContext], list[Check]], ...] = (
    check_unfilled,
    check_grounding,
    check_wording,
    check_contacts,
    check_channel,
    check_personal_data,
    check_language,
    check_length,
    check_questions,
    check_market,
    check_record,
    check_degraded,
    lambda context: check_expired(context, context.facts.today),
)


def run_checks(context: CheckContext, everything: bool = False) -> tuple[Check, ...]:
    """Warnings and blocks, in the order of the text; with `everything` also one `pass` for each check that found nothing."""
    found = [check for check_function in _CHECKS for check in check_function(context)]
    unique = {(check.id, check.span, check.detail): check for check in found}
    checks = sorted(unique.values(), key=lambda check: (check.span, check.id))
    if everything:
        passed = [check_id for check_id in CHECK_IDS if check_id not in {check.id for check in checks}]
        checks += [Check(id=check_id, status="pass", detail="") for check_id in passed]
    return tuple(checks)
