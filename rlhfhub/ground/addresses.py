"""Client addresses as limits count them. Text that is no address, which a proxy may send, is returned unchanged."""

import ipaddress


def plain(address: str) -> str:
    """Return an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) as IPv4, and any other address unchanged."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return address


def network(address: str) -> str:
    """Return the network that one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _parsed(plain(address))
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return plain(address)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
