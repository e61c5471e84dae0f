"""The HTTP side of the service: requests, answers, errors. Nothing else speaks HTTP."""
