"""From a buyer's message to a draft: analyze -> retrieve -> plan -> compose -> adapt -> check -> gloss. No I/O, no framework."""
