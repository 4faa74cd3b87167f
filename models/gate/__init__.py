"""The gate: what a version must pass before it serves anything.

`judge(Subject(...))` runs every check and gives a Verdict, which is the worst of them. A check is a function
from the evidence to findings; it never sees the result of another, and one that fails itself holds it.
"""

from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Check, Override, Result, Verdict

__all__ = [
    "Check",
    "Override",
    "Result",
    "Subject",
    "Verdict",
    "birth",
    "judge",
    "page",
    "reading",
    "skew",
    "subject",
    "verdict",
]
