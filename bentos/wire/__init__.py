"""What goes over the network: bodies of requests, problem documents, and the Scorer's jobs.

Nothing here decides anything: a body becomes a checked value, or a refusal that names field, value and rule.

    messages    bodies of requests: their types, decoding, and what is refused
    problems    errors that a client sees (RFC 9457)
    score_jobs  what a Ranker asks the Scorer for, and what comes back
"""

__all__ = ["messages", "problems", "score_jobs"]
