"""The HTTP API of a Ranker worker: which request goes where, and what comes back.

`Api` has the routes. A plain `POST /rank` goes to it straight from the connection; whatever else comes goes
through the ASGI application.

    api              the routes, and the application over them
    asgi             a small ASGI application: routes, bodies with a limit, problems as answers
    doors            whose requests are answered, by Host and Origin
    bounded_protocol HTTP/1.1 with bounds on size and time
    fast_protocol    … and HTTP/1.1 with a short way for a plain `POST /rank`
    bounded_paths    one name for all paths that are no route, for BentoML's metrics
    server           uvicorn's server, where several workers share a socket
    acceptor         accepts from that socket while it is this worker's turn
    pool             a worker's connections: how many are in use, which may go
    shared_counts    … told to the other workers, through a file that all map
    spread           whose turn it is, and who lets connections go; pure
    admission        refuses at once what could only be answered late
    feedback         `POST /feedback`: outcomes, checked and logged
    status           `GET /status`: the home's `saved_status`, and what this worker serves
    forward          hands requests for pages on to the console's process
    put_experiments  `PUT /experiments`: a change of the live experiments
    openapi          the OpenAPI document
    docs_page        `GET /docs`: that document as a page to read
"""

__all__ = ["api", "asgi", "doors", "fast_protocol", "server"]
