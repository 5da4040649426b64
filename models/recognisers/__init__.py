"""Recognisers of one kind of fact each: text in, entities out; overlaps are settled in models/entities.py."""
