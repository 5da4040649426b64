"""Rewriters of a finished text, behind one contract: base.py says what each of them promises."""
