"""Pages for agents and ops: templates, one style sheet, small script modules; no build step."""
