"""A generator's wording of a finished draft: what is sent, what is hidden, what comes back and whether it may stand."""
