"""What healthy contexts are: learnt at training, carried by the package as plain data, used by the guard.

Learning fits forests with CatBoost; what the guard reads of them needs numpy alone.

    layout          a request as two rows of numbers: its context, and what its candidates are like
    table_requests  a table's requests as such rows
    forest          a small forest as arrays: fitted at training, walked with numpy
    fits            what a forest says of requests: one observation each
    planted         faults planted into requests
    shown           what a test shows in health and with its fault: its limit, and how soon it names the fault
    field_shares    how often fields are missing, or filled with one value
    learn           learns all of it from a table
    learn_pairs     … what two requests tell together
    reference       contexts.npz: written and read
"""

__all__ = ["field_shares", "fits", "layout", "learn", "reference", "shown"]
