#!/bin/sh
# A message in, a signature, and the confirmation that it was sent, with curl alone.
# HOST, SHOP (an integration's key) and MIA (a person's key) come from the environment.
set -eu
post() { curl -sf "$HOST$1" -H "Authorization: Bearer $2" -H 'Content-Type: application/json' -d "$3"; }
field() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }

DRAFT=$(post /v1/messages "$SHOP" '{"text": "Wo bleibt mein Paket?", "buyer": {"country": "DE"}}' | field "['draft']['id']")
post "/v1/drafts/$DRAFT/approve" "$MIA" '{}' | field "['text']"
sleep "${UNDO_SECONDS:-6}" # the time in which Mia may take it back
post "/v1/drafts/$DRAFT/sent" "$SHOP" '{}' | field "['status']"
