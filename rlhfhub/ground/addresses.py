"""The address of a client, as limits count it. What is no address (a proxy may send anything) stays as it is."""

import ipaddress


def plain(address: str) -> str:
    """An IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`) as IPv4; any other as it is."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return address


def network(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parsed(plain(address))
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return plain(address)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
