"""The address of a client, as limits count it."""

import ipaddress


def plain(address: str) -> str:
    """An IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`) as IPv4; any other as it is."""
    try:
        mapped = getattr(ipaddress.ip_address(address), "ipv4_mapped", None)
    except ValueError:
        return address
    return str(mapped or address)


def network(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one."""
    address = plain(address)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))
