"""Which address a request came from, behind as many proxies as the settings say."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# Whoever has one IPv6 address has the whole network around it.
IPV6_PREFIX_BITS = 64


def client_address(request: HttpRequest) -> str:
    """The IPv4 address or IPv6 network of the client; what is neither is returned as it stands.

    Each of the `TRUSTED_PROXIES` has put the address of who came to it at the right end of
    X-Forwarded-For. What stands further left was sent by the client, who may claim anything.
    """
    given = request.META.get("HTTP_X_FORWARDED_FOR", "")
    forwarded = [part.strip() for part in given.split(",")] if given else []
    hops = [*forwarded, request.META.get("REMOTE_ADDR", "")]
    return _network(hops[-min(settings.TRUSTED_PROXIES + 1, len(hops))])


def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(_without_port(text))
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX_BITS), strict=False))


def _without_port(text: str) -> str:
    """Some proxies write 192.0.2.1:50000 and [2001:db8::1]:50000."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
