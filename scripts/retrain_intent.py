"""Trains and promotes a new intent classifier from all examples. Same as: countersign train intent --promote"""

from app.cli import app

if __name__ == "__main__":
    app(["train", "intent", "--promote"])
