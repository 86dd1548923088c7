"""Answers to consultations: the entries, and finding the right one."""

from desk.knowledge.faq import FaqError, load_faq
from desk.knowledge.index import NEAR, Entry, Hit, Index

__all__ = ["NEAR", "Entry", "FaqError", "Hit", "Index", "load_faq"]
