"""The console's process: it answers people's questions about what is served, beside those that serve.

The Steward keeps it running; a Ranker hands requests for its paths on to its socket.

    keeper          starts the process, and again when it ends
    serving         the process: `python -m bentos.console.serving`
    app             its routes, and HTML or JSON as `Accept` says
    overview_page   what is served and what is wrong as a page
    explained_page  an explanation as a page
    client          asks the process from the command line
"""

__all__ = ["client", "keeper"]
