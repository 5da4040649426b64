"""Fine-tuning of the sentence encoder on labelled messages; needs the extra `tuning`, runs by hand, never in the service.

base.py     the multilingual base model out of its wheel
network.py  the encoder and its training heads in torch
fit.py      multi-task training
export.py   pruned vocabulary, 8-bit layers, the files that `models.tuned` serves
"""
