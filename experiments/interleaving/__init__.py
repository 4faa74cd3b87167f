"""Which of two interleaved rankers is preferred: outcomes credited to the ranker that chose the item.

The order itself is drafted in `experiments/slates/interleave.py`; here is what its outcomes say.

    draft_rows   one experiment's drafts out of the log: credit per request
    preferences  mean credit with intervals, and the preference in words
    report       a preference as rows of text, JSON and HTML
"""

__all__ = ["draft_rows", "preferences", "report"]
