"""What the command line prints for a person to read."""

from app.access import Bootstrapped
from app.domain import Analysis, Draft, Drafted, Segment
from app.library import Brought
from app.settings import Settings
from knowledge_base.exchange import Difference
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import Granted


def print_secrets(secrets: Bootstrapped, settings: Settings) -> None:
    """Once, on the first start: what is needed to sign in and to connect; nothing that was given from outside."""
    address = f"http://{settings.host}:{settings.port}"
    print(
        "\nCountersign is set up." + (" These secrets are shown this once:" if secrets.password or secrets.key else "")
    )
    if secrets.password:
        print(f"  sign in      {address}/   name ops, password {secrets.password}")
    if secrets.key:
        print(f"  integration  {secrets.key}")
    key = secrets.key or "$COUNTERSIGN_BOOTSTRAP_KEY"
    print(
        "\nTry it:\n"
        f"  curl -s {address}/v1/messages -H \"Authorization: Bearer {key}\" -H 'Content-Type: application/json' \\\n"
        """    -d '{"text": "¿Dónde está mi pedido? Ya pasaron tres semanas", "buyer": {"country": "MX", "name": "María López"}}'\n""",
        flush=True,
    )


def print_analysis(text: str, analysis: Analysis) -> None:
    """What was understood."""
    language = analysis.language
    region = f"-{language.region}" if language.region else ""
    print(
        f"language   {language.code}{region} ({language.confidence:.2f}, {language.script}), answered in {language.reply_language}"
        + (f" - {language.fallback}" if language.fallback else "")
    )
    for intent in analysis.intents:
        print(f"intent     {intent.id} ({intent.score:.2f})  “{text[slice(*intent.span)]}”")
    if analysis.abstained:
        print(f"           unsure: {analysis.abstain_reason}")
    print(
        f"emotion    {analysis.emotion.id} ({analysis.emotion.score:.2f}), intensity {analysis.emotion.intensity:.1f}"
    )
    for flag in analysis.conduct:
        print(f"conduct    {flag.id} ({flag.score:.2f})")
    for entity in analysis.entities:
        print(f"entity     {entity.type}: {entity.value}" + (f" ({entity.carrier})" if entity.carrier else ""))
    print(
        f"priority   {analysis.priority.level}"
        + (f": {'; '.join(analysis.priority.reasons)}" if analysis.priority.reasons else "")
    )


def print_draft(text: str, drafted: Drafted) -> None:
    """The draft with all that explains it, in the order in which an agent asks."""
    draft = drafted.draft
    _title("Understood")
    print_analysis(text, drafted.analysis)
    print(f"gist       {draft.gist}")
    _title(f"Draft · {draft.language} · {draft.verdict} · confidence {draft.confidence:.2f}")
    print(draft.reason or "", end="\n" if draft.reason else "")
    print(draft.text or "(no text)")
    if draft.gloss.text:
        _title(f"Gloss · {draft.gloss.language}")
        print(draft.gloss.text)
    _title("Where each sentence comes from")
    for segment in draft.segments:
        print(_source_line(draft, segment))
    _list("Adjusted for the market", [f"{item.rule}: {item.reason}" for item in draft.adjustments])
    _list("Checked", [f"{item.status}  {item.id}: {item.detail}" for item in draft.checks] or ["every check passes"])
    _list("Missing", [f"from the {item.teller}: {item.why}" for item in draft.missing])
    _list("Advice", [f"{item.text} ({item.why})" for item in draft.advice])
    _list("Found", [f"{item.score:.2f}  {item.reply_id}  “{item.text[:70]}”" for item in draft.evidence])
    print(f"\n{draft.timings_ms.get('total', 0):.1f} ms")


def _source_line(draft: Draft, segment: Segment) -> str:
    words = " ".join(draft.text[slice(*segment.span)].split())
    slots = ", ".join(f"{slot.name} from {slot.origin}" for slot in segment.slots)
    return (
        f"  {segment.source.type} {segment.source.id} v{segment.source.version}"
        + (f" [{slots}]" if slots else "")
        + f"\n      {words[:110]}"
    )


def _title(text: str) -> None:
    print(f"\n── {text} " + "─" * max(0, 90 - len(text)))


def _list(title: str, rows: list[str]) -> None:
    if rows:
        _title(title)
        for row in rows:
            print(f"  {row}")


def print_completeness(knowledge: Knowledge) -> None:
    """How many situations each language words, and which it does not."""
    situations = [situation.id for situation in knowledge.replies.situations()]
    print(
        f"{len(situations)} situations, {len(knowledge.phrases.specs)} phrases, {len(knowledge.profiles.by_market)} markets, {len(knowledge.catalogue)} products; content {knowledge.version}"
    )
    for code in sorted(knowledge.languages):
        missing = [situation for situation in situations if (situation, code) not in knowledge.replies.variants]
        print(
            f"  {code}: {len(situations) - len(missing)} worded"
            + (f", missing: {', '.join(missing)}" if missing else "")
        )


def print_policy(values: list[Granted]) -> None:
    """One line a value: what it is, from which layer, and the law behind it where there is one."""
    for item in values:
        law = f"  ({item.fact.says}: {item.fact.source})" if item.fact else ""
        print(f"{item.name:26} {_shown(item.value):40} {item.layer}{law}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {low}-{high}" for key, (low, high) in value.items())
    return (", ".join(map(str, value)) or "-") if isinstance(value, tuple) else "-" if value is None else str(value)


def print_brought(brought: Brought, file: str, dry_run: bool, vetted: bool) -> None:
    """What a file changes, reply by reply and value by value, and what is wrong with it, row by row."""
    for one in brought.replies:
        if one.differences and one.written:
            print(f"{'changed' if one.before else 'new'}  {one.reply_id}")
            for item in one.differences:
                print(_difference(item, new=one.before is None))
    for fault in brought.faults:
        place = f"{fault.item_id or ''}{fault.flaw.pointer}"
        print(f"{file}:{fault.line}: {place}: {fault.flaw.detail}" if place else f"{file}:{fault.line}: {fault.flaw.detail}")  # fmt: skip
    added = sum(one.before is None for one in brought.replies)
    changed = sum(one.before is not None and bool(one.differences) for one in brought.replies)
    print(
        f"{added} new, {changed} changed, {len(brought.replies) - added - changed} as they were, {len(brought.faults)} faults"
    )
    if brought.faults or dry_run:
        print("nothing was stored")
    elif added + changed:
        print("the new words are used from now on" if vetted else "the new words are used once they are vetted")


def _difference(item: Difference, new: bool) -> str:
    place = "/".join(str(part) for part in item.place)
    if new:
        return f"    {place}: {item.after}"
    before, after = ("(nothing)" if value is None else value for value in (item.before, item.after))
    return f"    {place}\n      - {before}\n      + {after}"
