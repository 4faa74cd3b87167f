"""What a process that serves does with an engine: batch requests, prove a package, recompute features.

Each is a module by itself, imported alone.

    batching          requests that wait while a thread scores go together into its next call
    certified         whether a loaded package still gives the scores that training certified
    table_reach       which times and outcomes the tables of served versions reach
    served_features   features as they were served, worked out again from decision records
"""

__all__ = ["batching", "certified", "served_features", "table_reach"]
