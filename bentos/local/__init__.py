"""What `ballast up` and `ballast replay` do on one machine: processes of its own, a client of the service.

The service itself knows nothing of this folder: `bentoml serve` starts it the same way elsewhere.

    answering      whether anybody answers at the port, and what it has counted
    example        a request to try, read by a process of its own
    leftovers      what an earlier `ballast up` left behind is found and ended
    processes      child processes that end with their parent, and ports
    mlflow_server  the MLflow that `ballast up` starts
    replay_client  real requests and their outcomes, sent to a running service in time order
"""

__all__ = ["answering", "example", "leftovers", "mlflow_server", "processes", "replay_client"]
