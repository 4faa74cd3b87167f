"""From a registered version to one that may serve: downloaded, judged by the gate, promoted by people.

Nobody waits for a judgement: who asks is answered at once, by the ruling on disk or by "not yet".

    examinations    whether a version may serve; what has no ruling is examined in a thread
    examiner        one examination: download, gate, ruling, MLflow's tags
    examined_apart  … the gate in a process of its own
    examination     … what that process does
    eligibility     the answer: it may serve, it is refused for a reason, or the gate has yet to say
    foresight       what will serve once they have it: said before it is done
    levelling       MLflow is told of a rollback that was made without it
    moves           what people ask for: promote, roll back, override a ruling
"""

__all__ = ["eligibility", "examinations", "examiner", "foresight", "levelling", "moves"]
