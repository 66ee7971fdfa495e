"""What people said of readings: kept, corrected, exported as training data, and deleted."""

from handwriting.feedback.items import Item
from handwriting.feedback.store import FeedbackStore

__all__ = ["FeedbackStore", "Item"]
