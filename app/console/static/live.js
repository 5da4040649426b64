// What happens at the desk, as it happens. The stream comes back by itself and misses nothing.

const HEARD = ["draft.ready", "draft.superseded", "draft.claimed", "draft.released", "draft.snoozed", "draft.approved", "draft.rejected", "draft.undone", "reply.sent"];

export function follow(hear) {
  const stream = new EventSource("/v1/events");
  for (const name of HEARD) stream.addEventListener(name, (event) => hear(name, JSON.parse(event.data)));
  return stream;
}
