"""Evaluates a classifier on a file. Same as: countersign evaluate KIND FILE.jsonl"""

import sys

from app.cli import app

if __name__ == "__main__":
    app(["evaluate", *sys.argv[1:]])
