"""Answers to consultations: the entries, and finding the right one."""

from desk.knowledge.answers import NEAR, Answers
from desk.knowledge.faq import FaqError, load_faq
from desk.knowledge.index import Entry, Hit, Index

__all__ = ["NEAR", "Answers", "Entry", "FaqError", "Hit", "Index", "load_faq"]
