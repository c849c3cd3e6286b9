"""The Agent Client Protocol: from its messages to events and back; `drivers.acp` is the door.

`session` and `client` import the protocol's library, which costs 20 MB: only a run that is really
driven over ACP imports them.
"""
