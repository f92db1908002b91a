"""What other systems are told about handoffs, over HTTP: an outbox of its own, because its far end is not Slack.

`events` writes rows in the transaction of the change, `queue` hands them out, `calling` makes one call, `sending` is
the threads that do it.
"""
