"""What the service does: it owns the flow from message to signed reply, the people's pages and the memory."""
