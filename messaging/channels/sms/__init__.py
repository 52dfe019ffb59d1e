"""SMS by any gateway that takes HTTP: the settings say which fields it wants and what its answers mean.

What is not set is as most gateways of the mainland have it. A gateway without a key of its own that answers what became
of a message declares `query`; one that does neither, `none`. A marketing message is signed 【…】 in front, as the
operators demand, and ends with the way to refuse.
"""

from messaging.channels.contract import adapters
from messaging.channels.sms.adapter import Sms

adapters.register(Sms())
