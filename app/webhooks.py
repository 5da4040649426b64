"""Webhooks: which address is told which events, and each delivery until it is answered."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import Engine
from standardwebhooks import Webhook as Signer

from app.desk import Desk, Person
from app.errors import NotFound, WrongState
from app.feed import Event, event_of
from app.jobs import GiveUp, Jobs, Kind, Task, TryAgain
from app.outbox import OURSELVES
from app.outward import Outward
from app.store import ledger, messages, webhooks
from app.store.database import reading, writing
from app.store.drafts import StoredDraft
from app.store.ids import new_id
from app.store.webhooks import StoredDelivery, StoredWebhook

DELIVER = "webhook.deliver"
SEND = "reply.send"  # not an event but an order: whoever answers 2xx has taken the reply to the buyer
EVENTS = (
    "message.received", "draft.ready", "draft.approved", "draft.rejected", "draft.escalated", "reply.sent",
    "figures.rising", "reading.drifted", "dispute.due", SEND,
)  # fmt: skip
Show = Callable[[Event], Mapping[str, JsonValue]]  # the data of an event, as the API shows it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a webhook is to be; None leaves it as it is."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    sites: tuple[str, ...] | None = None
    active: bool | None = None


def new_secret() -> str:
    """As Standard Webhooks writes it: 32 random bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Webhooks:
    """Built once a process. `show` makes the data of a delivery when it is sent, so that no text is kept twice."""

    def __init__(
        self, engine: Engine, jobs: Jobs, desk: Desk, outward: Outward, show: Show,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._engine, self._jobs, self._desk, self._outward, self._show, self._clock = engine, jobs, desk, outward, show, clock  # fmt: skip
        jobs.register(Kind(DELIVER, self._deliver))

    # --- for ops -----------------------------------------------------------------------------------------------------

    def create(self, url: str, events: Sequence[str], sites: Sequence[str], person: Person) -> StoredWebhook:
        """Told everything from now on. The secret is in the answer, and shown nowhere else."""
        self._outward.check(url)
        now, secret = self._clock(), new_secret()
        with writing(self._engine) as connection:
            since = ledger.newest(connection)
            webhook_id = webhooks.add_webhook(connection, url, secret, events, sites, since, now)
            ledger.record(connection, person.name, "webhook.created", webhook_id, now, events=list(events))
            return self._get(webhook_id)

    def list(self) -> Sequence[StoredWebhook]:
        """The oldest first."""
        with reading(self._engine) as connection:
            return webhooks.list_webhooks(connection)

    def get(self, webhook_id: str) -> StoredWebhook:
        """Raises NotFound."""
        return self._get(webhook_id)

    def change(self, webhook_id: str, wanted: Wanted, person: Person) -> StoredWebhook:
        """What waits for delivery goes to the new address."""
        if wanted.url is not None:
            self._outward.check(wanted.url)
        now = self._clock()
        named = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
        values = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in named.items()
            if value is not None
        }
        with writing(self._engine) as connection:
            self._get(webhook_id)
            webhooks.change_webhook(connection, webhook_id, now, **values)
            ledger.record(connection, person.name, "webhook.changed", webhook_id, now, fields=sorted(values))
            return self._get(webhook_id)

    def renew_secret(self, webhook_id: str, person: Person) -> StoredWebhook:
        """The old secret signs nothing any more."""
        now = self._clock()
        with writing(self._engine) as connection:
            self._get(webhook_id)
            webhooks.change_webhook(connection, webhook_id, now, secret=new_secret())
            ledger.record(connection, person.name, "webhook.secret_renewed", webhook_id, now)
            return self._get(webhook_id)

    def delete(self, webhook_id: str, person: Person) -> None:
        """What waits for delivery is not sent any more."""
        now = self._clock()
        with writing(self._engine) as connection:
            self._get(webhook_id)
            webhooks.delete_webhook(connection, webhook_id, now)
            ledger.record(connection, person.name, "webhook.deleted", webhook_id, now)

    def deliveries(self, webhook_id: str, state: str | None, limit: int) -> Sequence[StoredDelivery]:
        """The newest first."""
        with reading(self._engine) as connection:
            self._get(webhook_id)
            return webhooks.list_deliveries(connection, webhook_id, state, limit)

    def replay(self, delivery_id: str) -> StoredDelivery:
        """Sends it again under the same id. Raises WrongState while it is under way, and for a reply that has reached the buyer."""
        with writing(self._engine):
            known = self._delivery(delivery_id)
            if known.type == SEND and known.state == "done":
                raise WrongState("the reply has left, and leaves once only")
            self._jobs.replay(known.job_id, even_done=True)
            return self._delivery(delivery_id)

    # --- from the trail ----------------------------------------------------------------------------------------------

    def follow(self, event: Event) -> None:
        """A delivery for each webhook that wants the event."""
        for webhook in self._wanting(event.type, event.conversation_id, event.id):
            self._add(webhook, event.id, event.type, event.subject)

    def carry(self, draft: StoredDraft, step: int) -> bool:
        """A reply whose window is over: one webhook, the oldest that asks for replies of that site, takes it to the buyer."""
        with writing(self._engine):
            for webhook in self._wanting(SEND, draft.conversation_id, step)[:1]:
                self._add(webhook, step, SEND, draft.id)
                return True
        return False

    def _wanting(self, kind: str, conversation_id: str | None, step: int) -> Sequence[StoredWebhook]:
        with reading(self._engine) as connection:
            known = webhooks.list_webhooks(connection)
            conversation = messages.find_conversation(connection, conversation_id or "")
        site = conversation["site"] if conversation else None
        return [
            hook
            for hook in known
            if hook.active and kind in hook.events and hook.since < step and (not hook.sites or site in hook.sites)
        ]

    def _add(self, webhook: StoredWebhook, step: int, kind: str, subject: str) -> None:
        """Nothing where it was planned before: a run that was cut off comes again."""
        with writing(self._engine) as connection:
            if webhooks.is_planned(connection, webhook.id, step, kind):
                return
            delivery_id = new_id("wd")
            job_id = self._jobs.enqueue(DELIVER, delivery_id, {"delivery": delivery_id})
            webhooks.add_delivery(connection, delivery_id, webhook.id, step, kind, subject, job_id, self._clock())

    # --- on the wire -------------------------------------------------------------------------------------------------

    def _deliver(self, task: Task) -> JsonValue:
        delivery = self._delivery(str(task.payload["delivery"]))
        with reading(self._engine) as connection:
            webhook = webhooks.find_webhook(connection, delivery.webhook_id)
            row = ledger.find_step(connection, delivery.event_id)
        if webhook is None or row is None:
            raise GiveUp("the webhook was deleted")
        if not webhook.active:
            raise TryAgain("the webhook is switched off")
        if delivery.type == SEND and self._desk.get_draft(delivery.subject).status != "approved":
            return {"sent": False}  # an integration was first, and said so
        self._post(webhook, delivery, event_of(row))
        if delivery.type == SEND:
            self._desk.confirm_sent(delivery.subject, OURSELVES)
        return {"sent": True}

    def _post(self, webhook: StoredWebhook, delivery: StoredDelivery, event: Event) -> None:
        """Raises TryAgain unless the answer is 2xx; what was answered is noted on the delivery."""
        body = json.dumps(
            {"type": delivery.type, "timestamp": event.at.isoformat(), "data": dict(self._show(event))},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        try:
            answered = self._outward.send(
                "POST", webhook.url, signed(webhook.secret, delivery.id, self._clock(), body), body.encode()
            )
        except TryAgain:
            self._note(delivery, None)
            raise
        self._note(delivery, answered.status)
        if answered.status == 410:
            raise GiveUp("answered with status 410: gone")
        if not answered.is_fine:
            raise TryAgain(f"answered with status {answered.status}")

    def _note(self, delivery: StoredDelivery, status: int | None) -> None:
        with writing(self._engine) as connection:
            webhooks.note_answer(connection, delivery.id, status, self._clock())

    def _get(self, webhook_id: str) -> StoredWebhook:
        with reading(self._engine) as connection:
            found = webhooks.find_webhook(connection, webhook_id)
        if found is None:
            raise NotFound("there is no such webhook")
        return found

    def _delivery(self, delivery_id: str) -> StoredDelivery:
        with reading(self._engine) as connection:
            found = webhooks.find_delivery(connection, delivery_id)
        if found is None:
            raise NotFound("there is no such delivery")
        return found


def signed(secret: str, delivery_id: str, now: datetime, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks. The id is the same in every try; the time and the signature are the try's."""
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(delivery_id, now.astimezone(UTC), body),
    }
