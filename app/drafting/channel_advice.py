"""What the channel asks of the agent who signs: due dates, evidence to keep for this kind of dispute, what the text may not hold.

The words are data (content/agent/<language>.toml); each piece names the rule's source, and says where nobody checked it there.
"""

from babel.dates import format_datetime, format_skeleton, get_timezone

from app.domain import Advice, Analysis, Plan
from app.drafting.deadlines import Due, ahead, dues
from app.drafting.facts import Facts
from app.drafting.locales import locale_of
from app.drafting.predicates import all_hold
from knowledge_base.channels import Deadline, DisputeKind, Since, Source
from knowledge_base.knowledge import Knowledge

DECIDED = frozenset(
    {"decided", "ruled", "resolved", "closed", "lost"}
)  # states of a dispute that platforms send once they ruled
SIGNS_OF_A_DISPUTE = frozenset({"threatens_dispute", "threatens_legal"})


def make_channel_advice(
    analysis: Analysis, plan: Plan, facts: Facts, agent_language: str, knowledge: Knowledge
) -> tuple[Advice, ...]:
    """Deadlines first, then evidence, then what the text may not hold; nothing on a channel without rules, or where no reply is due."""
    if facts.channel.kind == "own" or plan.verdict in ("spam", "no_reply_needed"):
        return ()
    speaker = _Speaker(facts, agent_language, knowledge)
    kind = dispute_kind(analysis, facts, knowledge)
    found = [speaker.deadline(due) for due in dues(facts.message, facts.channel)]
    if kind is not None:
        if not is_open(facts):
            found += [speaker.deadline(due) for due in ahead(facts.channel, "dispute")]
        found += [
            speaker.deadline(due) for due in ahead(facts.channel, "platform_request") if is_disputed(analysis, facts)
        ]
        found.append(speaker.evidence(kind))
    found += [speaker.deadline(due) for due in _after_the_return(facts)]
    return (*found, *speaker.bans())


def _after_the_return(facts: Facts) -> list[Due]:
    """Steps that a return or a ruling sets going, once the order is that far."""
    dispute = facts.order.dispute if facts.order else None
    since: tuple[Since, ...] = ("return_address", "return_arrival") if facts.status == "returned" else ()
    if dispute is not None and (dispute.state or "").strip().casefold() in DECIDED:
        since = (*since, "decision")
    return [due for name in since for due in ahead(facts.channel, name)]


def is_open(facts: Facts) -> bool:
    """Whether the order's data tell of a dispute that was opened."""
    return bool(facts.order and facts.order.dispute and facts.order.dispute.opened_at)


def is_disputed(analysis: Analysis, facts: Facts) -> bool:
    """Whether a dispute is open or announced."""
    announced = any(intent.id == "dispute_claim" for intent in analysis.intents) and not analysis.abstained
    return is_open(facts) or announced or bool(facts.conduct & SIGNS_OF_A_DISPUTE)


def dispute_kind(analysis: Analysis, facts: Facts, knowledge: Knowledge) -> DisputeKind | None:
    """The kind that the order names, else the one that message and order point to; None for a message that complains of nothing."""
    named = _named_kind(facts, knowledge)
    if named is not None:
        return named
    intents, disputed = {intent.id for intent in analysis.intents}, is_disputed(analysis, facts)
    for sign in knowledge.policies.disputes.sign:
        if intents & set(sign.intents) and (disputed or not sign.disputed) and all_hold(sign.conditions, facts):
            return sign.kind
    return None


def _named_kind(facts: Facts, knowledge: Knowledge) -> DisputeKind | None:
    dispute = facts.order.dispute if facts.order else None
    name = (dispute.kind or "").strip().casefold().replace(" ", "_").replace("-", "_") if dispute else ""
    return next((kind for kind in knowledge.policies.disputes.kinds if kind == name), None)


class _Speaker:
    """Words rules in the agent's language, dates on the shop's clock."""

    def __init__(self, facts: Facts, agent_language: str, knowledge: Knowledge) -> None:
        self._facts, self._channel, self._disputes = facts, facts.channel, knowledge.policies.disputes
        code = agent_language if agent_language in knowledge.agent_words else "en"
        self._words, self._locale = knowledge.words(code), locale_of(code)

    def deadline(self, due: Due) -> Advice:
        rule = due.rule
        if rule is None:
            text = self._words["channel.due"].format(step=self._words[f"step.{due.step}"], moment=self._moment(due))
            return Advice(technique="mind_deadline", text=text, why=self._words["channel.order_says"])
        key = "channel.due_since" if due.at else "channel.due_once"
        text = self._words[key].format(
            step=self._words[f"step.{due.step}"], moment=self._moment(due), length=self._length(rule),
            since=self._words[f"since.{rule.since}"], otherwise=self._words[f"otherwise.{rule.otherwise}"],
        )  # fmt: skip
        return Advice(technique="mind_deadline", text=text, why=self._why(self._channel.sources[rule.source]))

    def evidence(self, kind: DisputeKind) -> Advice:
        own = self._channel.evidence.get(kind)
        keep = own.keep if own else self._disputes.kinds[kind].keep
        source = self._channel.sources[own.source] if own else self._disputes.source
        listed = self._words["list.joiner"].join(self._words[f"proof.{proof}"] for proof in keep)
        text = self._words["channel.evidence"].format(kind=self._words[f"dispute.{kind}"], list=listed)
        return Advice(technique="keep_evidence", text=text, why=self._why(source))

    def bans(self) -> tuple[Advice, ...]:
        """All that a text may not hold, in one piece; each rule's source stands in the channel's file."""
        bans = self._channel.bans
        if not bans:
            return ()
        listed = self._words["list.joiner"].join(self._words[f"ban.{ban}"] for ban in bans)
        sources = [self._channel.sources[rule.source] for rule in bans.values()]
        file = f"policies/channels/{self._facts.message.channel}.toml"
        weakest = min(sources, key=lambda source: (source.verified, source.checked))
        text = self._words["channel.bans"].format(channel=self._channel.name, list=listed)
        return (
            Advice(
                technique="keep_channel_rules", text=text, why=self._why(weakest.model_copy(update={"title": file}))
            ),
        )

    def _moment(self, due: Due) -> str:
        if due.at is None:
            return ""
        zone = get_timezone(self._facts.site.timezone)
        day = format_skeleton("MMMd", due.at, tzinfo=zone, locale=self._locale)
        return f"{day} {format_datetime(due.at, 'HH:mm', tzinfo=zone, locale=self._locale)}"

    def _length(self, rule: Deadline) -> str:
        unit = "hours" if rule.hours else "days" if rule.days else "working_days"
        return self._words[f"length.{unit}"].format(n=rule.hours or rule.days or rule.working_days)

    def _why(self, source: Source) -> str:
        key = "channel.source_checked" if source.verified else "channel.source_unchecked"
        day = format_skeleton("yMMMd", source.checked, locale=self._locale)
        return self._words[key].format(title=source.title, day=day)
