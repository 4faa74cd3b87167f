"""The base of all errors that are meant for people."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that a person can mend.

    Its message names what, the value and the rule, and is shown as it is: one sentence, no stack trace.
    """
