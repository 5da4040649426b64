"""What an agent is told about a draft, in the agent's language: gist, reasons, what is missing, advice."""

from datetime import date

from app.domain import Advice, Analysis, Missing, OrderEvent, Plan, Priority
from knowledge_base.knowledge import Knowledge
from knowledge_base.languages import LanguageProfile

MENTIONED = ("order_id", "tracking_number", "amount", "date", "quantity", "size", "percentage")
SHOWN_FEELING = 0.35  # intensity from which the gist names the feeling


def agent_profile(agent_language: str, knowledge: Knowledge) -> tuple[str, LanguageProfile]:
    """The language in which an agent is spoken to: the asked one where its words are there, else English."""
    code = agent_language.partition("-")[0]
    return (code, knowledge.languages[code]) if knowledge.served(code) else ("en", knowledge.languages["en"])


def make_gist(analysis: Analysis, today: date, agent_language: str, knowledge: Knowledge) -> str:
    """One line on what the buyer writes about, honest about being made from the reading and not a translation. "Today" is no news."""
    _, profile = agent_profile(agent_language, knowledge)
    joiner = "、" if profile.joiner == "" else ", "
    topics = joiner.join(profile.intents.get(intent.id, intent.id) for intent in analysis.intents)
    parts = [profile.gist.about.format(list=topics)]
    telling = [item for item in analysis.entities if item.type in MENTIONED and item.value != today.isoformat()]
    mentioned = [entity.value for entity in telling][:4]
    if mentioned:
        parts.append(profile.gist.mentions.format(list=joiner.join(mentioned)))
    shown = analysis.emotion.id != "neutral" and analysis.emotion.intensity >= SHOWN_FEELING
    feelings = [profile.emotions[analysis.emotion.id]] if shown else []
    feelings += [profile.conduct[flag.id] for flag in analysis.conduct]
    if feelings:
        parts.append(profile.gist.feeling.format(feeling=joiner.join(feelings)))
    if analysis.abstained:
        parts.append(profile.gist.unsure)
    return profile.joiner.join(parts)


def event_gist(event: OrderEvent, agent_language: str, knowledge: Knowledge) -> str:
    """One line on what happened, where the shop writes first."""
    words = knowledge.words(agent_profile(agent_language, knowledge)[0])
    return words["outreach.gist"].format(event=words[f"event.{event.type}"])


def worded_priority(priority: Priority, agent_language: str, knowledge: Knowledge) -> Priority:
    """Reasons of `kind:detail` form as words."""
    code, profile = agent_profile(agent_language, knowledge)
    words = knowledge.words(code)
    reasons = []
    for reason in priority.reasons:
        kind, _, detail = reason.partition(":")
        label = profile.conduct.get(detail) or profile.emotions.get(detail) or profile.intents.get(detail) or detail
        reasons.append(words[f"priority.{kind}"].format(detail=label))
    return priority.model_copy(update={"reasons": tuple(reasons)})


def worded_missing(plan: Plan, agent_language: str, knowledge: Knowledge) -> tuple[Missing, ...]:
    """What is missing, with the reason in words."""
    code, profile = agent_profile(agent_language, knowledge)
    words = knowledge.words(code)
    return tuple(
        item.model_copy(
            update={
                "why": words[f"missing.{item.teller}"].format(
                    slot=words.get(f"slot.{item.slot}", item.slot),
                    topic=profile.intents.get(item.why.partition(".")[0], item.why),
                )
            }
        )
        for item in plan.missing
    )


def worded_reason(plan: Plan, agent_language: str, knowledge: Knowledge) -> str | None:
    """Why the verdict is what it is; None for a draft that is simply ready."""
    if plan.reason is None:
        return None
    code, profile = agent_profile(agent_language, knowledge)
    words = knowledge.words(code)
    if f"reason.{plan.reason}" in words:
        return words[f"reason.{plan.reason}"]
    topic = profile.intents.get(plan.reason.partition(".")[0], plan.reason)
    return words["reason.escalate"].format(topic=topic)


# Which techniques help with which feeling or conduct; the words for them are data (content/agent/<language>.toml).
# Source: the project's playbook of customer service, tables "what emotion changes" and "what conduct changes".
_FOR_EMOTION = {
    "worried": ("assurance_of_effort",),
    "confused": ("plain_language",),
    "disappointed": ("offer_choice",),
    "frustrated": ("summarise",),
    "angry": ("allow_venting",),
}
_FOR_CONDUCT = {
    "urgent": ("expedite",), "threatens_dispute": ("find_agreement",), "threatens_review": ("refocus",), "trades_review": ("set_limit",), "threatens_legal": ("refer_to_supervisor",),
    "abusive": ("broken_record",), "bargaining": ("bonus",), "hesitant": ("explain_reason",), "sarcastic": ("save_face",), "vulnerable": ("empathise",),
}  # fmt: skip


def make_advice(analysis: Analysis, agent_language: str, knowledge: Knowledge) -> tuple[Advice, ...]:
    """One piece of advice for the feeling and for each conduct flag."""
    code, profile = agent_profile(agent_language, knowledge)
    words = knowledge.words(code)
    wanted = [
        (technique, profile.emotions[analysis.emotion.id])
        for technique in _FOR_EMOTION.get(analysis.emotion.id, ())
        if analysis.emotion.intensity >= SHOWN_FEELING
    ]
    wanted += [
        (technique, profile.conduct[flag.id])
        for flag in analysis.conduct
        for technique in _FOR_CONDUCT.get(flag.id, ())
    ]
    return tuple(Advice(technique=technique, text=words[f"advice.{technique}"], why=why) for technique, why in wanted)
