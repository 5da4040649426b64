"""Requests to machines outside: bounded in time and size, and never to an address inside the house.

A name is resolved once, every address that it has must be allowed, and the connection goes to that very address: a name
that answers differently a moment later (DNS rebinding) gains nothing. Redirects are not followed, proxies of the
environment are not used.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM, gaierror
from typing import Protocol

import httpx2 as httpx

from app.errors import InvalidInput, Pointer
from app.jobs import TryAgain

WITHIN_S = 10.0  # from resolving the name to the last byte
MOST_BYTES = 1_048_576  # of an answer; more is not read
_NAT64 = IPv6Network("64:ff9b::/96")


class Resolve(Protocol):
    """The addresses of a host."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises OSError where it has none."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: a status, and a body of at most MOST_BYTES."""

    status: int
    body: bytes

    @property
    def is_fine(self) -> bool:
        """2xx; a redirect is none."""
        return 200 <= self.status < 300


class Outward:
    """`private`: addresses inside the house may be called too, and plain http."""

    def __init__(self, private: bool, resolve: Resolve | None = None, within_s: float = WITHIN_S) -> None:
        self._private, self._resolve, self._within_s = private, resolve or _system_resolve, within_s

    def check(self, url: str, pointer: str = "/url") -> None:
        """Raises InvalidInput where nothing may be sent to that address. Names are resolved when something is sent."""
        detail = self._fault(url)
        if detail is not None:
            raise InvalidInput("this address cannot be called", (Pointer(pointer, detail),))

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answered:
        """Any answer at all; raises TryAgain where none came in time, or from an address that is not allowed."""
        if (fault := self._fault(url)) is not None:
            raise TryAgain(fault)
        return asyncio.run(self._within(method, httpx.URL(url), headers, body))

    async def _within(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answered:
        try:
            async with asyncio.timeout(self._within_s):
                return await self._send(method, url, headers, body)
        except TimeoutError as error:
            raise TryAgain(f"no answer within {self._within_s:g} s") from error
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise TryAgain(f"no answer: {type(error).__name__}") from error

    async def _send(self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answered:
        addresses = await self._addresses(url)
        async with httpx.AsyncClient(verify=_trusted(), trust_env=False, timeout=self._within_s) as client:
            for address in addresses[:-1]:
                try:
                    return await _exchange(client, method, url, address, headers, body)
                except httpx.ConnectError:  # the next address of the same name may answer
                    continue
            return await _exchange(client, method, url, addresses[-1], headers, body)

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        try:
            found = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except (gaierror, UnicodeError) as error:
            raise TryAgain("the host has no address") from error
        if not found:
            raise TryAgain("the host has no address")
        if not self._private and not all(is_outside(address) for address in found):
            raise TryAgain("the host has an address inside the house, which is not called")
        return found

    def _fault(self, url: str) -> str | None:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            return "not a URL"
        if parsed.scheme not in (("http", "https") if self._private else ("https",)) or not parsed.host:
            return "needs a host and https" + (" or http" if self._private else "")
        if parsed.userinfo or parsed.fragment:
            return "holds a name, a password or a fragment"
        if not self._private and _is_literal(parsed.host) and not is_outside(parsed.host):
            return "an address inside the house"
        return None


def is_outside(text: str) -> bool:
    """Whether anybody on the internet has that address; wrapped IPv4 addresses are looked at as such."""
    address: IPv4Address | IPv6Address | None = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.teredo or address.sixtofour:
            return False
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        address = inner or address
    return address is not None and address.is_global and not address.is_multicast


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _system_resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def _trusted() -> ssl.SSLContext:
    """Built once: reading the certificates takes longer than most requests."""
    return httpx.create_ssl_context()


async def _exchange(
    client: httpx.AsyncClient, method: str, url: httpx.URL, address: str, headers: Mapping[str, str], body: bytes
) -> Answered:
    """One request to that address in the name of the host; the certificate must be the host's."""
    named = {**headers, "Host": url.netloc.decode("ascii"), "User-Agent": "Countersign", "Accept-Encoding": "identity"}
    pinned = url.copy_with(host=address)
    aimed = {"sni_hostname": url.host} if url.scheme == "https" else {}
    async with client.stream(method, pinned, headers=named, content=body, extensions=aimed) as response:
        read = bytearray()
        async for part in response.aiter_raw():
            read += part
            if len(read) >= MOST_BYTES:
                break
        return Answered(response.status_code, bytes(read[:MOST_BYTES]))
