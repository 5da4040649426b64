"""The chat for shops' pages: a loader for any page, the frame that it opens, and a demo shop; no build step."""
