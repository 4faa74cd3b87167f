"""What goes over the network: the bodies of requests, and the problem documents of refusals.

messages    bodies of requests: their types, decoding, and what is refused
problems    errors that a client sees (RFC 9457)
"""

__all__ = ["messages", "problems"]
