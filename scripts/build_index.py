"""Builds the search index where it is missing or does not fit. Same as: countersign knowledge index"""

from app.cli import app

if __name__ == "__main__":
    app(["knowledge", "index"])
