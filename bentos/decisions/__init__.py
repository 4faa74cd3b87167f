"""One decision: how a request for a ranking becomes an answer that is on record.

`Decider.rank` is the way through: assign the unit to its arms, score, check the scores, explore, record,
answer. Everything else here is a step of that way.

    parts             value types: the values that one step hands to the next
    decider           the way of one request, in order
    scoring           the three ways to score: catalogue on disk, catalogue in Redis, or the Scorer
    fallback_order    the order of an answer without scores: as sent, or by what `[guard] fallback` names
    fallback_reason   a reason as clients get it: short, and nothing of the server in it
    slates            the slate of an answer: explored, interleaved or as ranked; the mark `same`
    recording         the record of a decision, whole or reduced, and the body of its answer
"""

__all__ = ["decider", "parts", "scoring"]
