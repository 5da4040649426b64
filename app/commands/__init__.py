"""The command line, one file a concern; app/cli.py puts them together."""
