"""Messages by the conversation of Chatwoot in which they came: their external id is ACCOUNT/CONVERSATION/MESSAGE."""

from sqlalchemy import Connection, select

from app.store.tables import messages

CHANNEL = "chatwoot"


def find_conversation_id(connection: Connection, site: str, account: int, number: int) -> str | None:
    """Our conversation that holds the newest message of that one."""
    began = messages.c.external_id.startswith(f"{account}/{number}/", autoescape=True)
    here = (messages.c.site == site) & (messages.c.channel == CHANNEL) & began
    query = select(messages.c.conversation_id).where(here).order_by(messages.c.stored_at.desc()).limit(1)
    return connection.execute(query).scalar()
