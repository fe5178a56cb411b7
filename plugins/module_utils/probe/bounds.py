# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long, how often and how much: every connection of a run goes through here, and ends here.

A peer may be silent, slow, endless or broken. A visit has a number of bytes, a connection has a number of seconds from
its first packet to its last byte, and a run has a pace. Runs on a vantage: Python 3.8, standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from ansible_collections.iot_site.checklist.plugins.module_utils import any_tls

CHUNK = 1 << 14
TLS_BEGINS = b"\x16\x03"  # of its first record
DATAGRAMS = 64  # kept of one conversation; a flood of more is dropped


class Refused(Exception):
    """The address says that nobody listens there."""


class Silent(Exception):
    """Nothing came back: not even a connection, or no datagram."""


class Unreachable(Exception):
    """The network, here or on the way, says why not. The message is the system's."""


class Stopped(Exception):
    """A connection that was there ended before the answer did: ``why`` in words, and what was ``heard`` of it."""

    def __init__(self, why, heard=b""):
        super().__init__(why)
        self.why, self.heard = why, heard


class NotThis(Exception):
    """The peer speaks, and something else; ``heard`` is how it begins, ``instead`` the kind where that is known."""

    def __init__(self, heard=b"", instead=""):
        super().__init__("another protocol")
        self.heard, self.instead = heard, instead


class Pace:
    """At most ``rate`` new connections a second, all visits of a run together."""

    def __init__(self, rate):
        self._step = 1.0 / rate
        self._next = 0.0

    async def turn(self):
        now = asyncio.get_running_loop().time()
        begin = max(now, self._next)
        self._next = begin + self._step
        if begin > now:
            await asyncio.sleep(begin - now)


class Visit:
    """One endpoint: where it is, what may be spent on it, and the address of ours that it saw."""

    def __init__(self, address, port, pace, timeout=5.0, most=1 << 16, name=""):
        self.address, self.port, self.name = address, port, name
        self.pace, self.timeout, self.most = pace, timeout, most
        self.room = [most]  # bytes that may still be read
        self.source = ""
        self.certificate = b""  # DER, of the last greeting with TLS

    def beside(self, port):
        """A visit of another port of the same address; what it reads is taken from the same room."""
        other = Visit(self.address, port, self.pace, self.timeout, self.most, self.name)
        other.room = self.room
        return other

    def admit(self, data):
        """As much of it as there is room for."""
        taken = data[: self.room[0]]
        self.room[0] -= len(taken)
        return taken

    @contextlib.asynccontextmanager
    async def connection(self, tls=None):
        """A TCP connection, with TLS when a context is given. Raises any of the above."""
        await self.pace.turn()
        end = asyncio.get_running_loop().time() + self.timeout
        made = await self._connected(end)
        try:
            if tls:
                await made.secure(tls, self.name or None)
            yield made
        finally:
            made.abort()

    async def _connected(self, end):
        loop = asyncio.get_running_loop()
        try:
            opening = loop.create_connection(lambda: _Stream(self), self.address, self.port)
            transport, stream = await asyncio.wait_for(opening, end - loop.time())
        except asyncio.TimeoutError:
            raise Silent() from None
        except ConnectionRefusedError:
            raise Refused() from None
        except OSError as error:
            raise Unreachable(error.strerror or type(error).__name__) from None
        self.source = transport.get_extra_info("sockname")[0]
        return Connection(self, stream, end)

    @contextlib.asynccontextmanager
    async def datagrams(self):
        """A UDP socket that hears this endpoint alone."""
        await self.pace.turn()
        loop = asyncio.get_running_loop()
        try:
            transport, heard = await loop.create_datagram_endpoint(_Datagrams, remote_addr=(self.address, self.port))
        except OSError as error:
            raise Unreachable(error.strerror or type(error).__name__) from None
        self.source = transport.get_extra_info("sockname")[0]
        try:
            yield Conversation(self, transport, heard, loop.time() + self.timeout)
        finally:
            transport.abort()


# --- TCP ----------------------------------------------------------------------------------------------------


class _Stream(asyncio.Protocol):
    """Holds what came until it is asked for, and takes no more while there is enough of it."""

    def __init__(self, visit):
        self._visit = visit
        self.transport = None
        self.held = bytearray()
        self.paused, self.ended = False, False
        self.news = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.held += data
        self.news.set()
        if len(self.held) > CHUNK and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def eof_received(self):
        self.ended = True
        self.news.set()

    def connection_lost(self, _error):
        self.ended = True
        self.news.set()

    def take(self):
        taken = bytes(self.held)
        self.held.clear()
        self.news.clear()
        if self.paused and not self.ended:
            self.paused = False
            self.transport.resume_reading()
        return taken


class Connection:
    """What a protocol reader sees of a TCP connection. A read raises Stopped at the end of time, bytes or stream."""

    def __init__(self, visit, stream, end):
        self._visit, self._stream, self.end = visit, stream, end
        self.buffer = b""

    async def secure(self, context, name):
        """The same connection under TLS. Raises NotThis where none is spoken, Stopped where it is refused or slow."""
        stream = self._stream
        greeting = asyncio.get_running_loop().start_tls(stream.transport, stream, context, server_hostname=name)
        try:
            transport = await asyncio.wait_for(greeting, self._left())
        except asyncio.TimeoutError:
            raise Stopped(self._late()) from None
        except ssl.SSLError as error:
            why = any_tls.reason(error)
            if why.startswith("TLS is spoken"):
                raise Stopped(why, TLS_BEGINS) from None
            raise NotThis() from None
        except (OSError, ValueError):  # it leaves in the middle; or the name is none
            raise NotThis() from None
        if transport is None:
            raise NotThis()
        stream.transport = transport
        self._visit.certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""

    def send(self, data):
        self._stream.transport.write(data)

    async def more(self, seconds=None):
        """Reads what comes next into the buffer; False at its end, or when ``seconds`` pass in silence."""
        stream, patience = self._stream, self._left() if seconds is None else min(seconds, self._left())
        if not stream.held and not stream.ended:
            try:
                await asyncio.wait_for(stream.news.wait(), patience)
            except asyncio.TimeoutError:
                if seconds is not None and self._left() > 0.0:
                    return False
                raise Stopped(self._late(), self.buffer) from None
        if self._left() <= 0.0:
            raise Stopped(self._late(), self.buffer)
        chunk = self._visit.admit(stream.take())
        self.buffer += chunk
        if not self._visit.room[0]:
            raise Stopped(f"says more than {self._visit.most} bytes", self.buffer)
        return bool(chunk)

    async def until(self, mark):
        """Everything up to and with ``mark``."""
        while mark not in self.buffer:
            await self._needed()
        head, _mark, self.buffer = self.buffer.partition(mark)
        return head + mark

    async def exactly(self, count):
        while len(self.buffer) < count:
            await self._needed()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    async def rest(self):
        """``(all that comes until the end, "" or why there may be more)``."""
        try:
            while await self.more():
                pass
        except Stopped as stop:
            return stop.heard, stop.why
        return self.buffer, ""

    async def pause(self, seconds, first=None):
        """What comes until ``seconds`` pass in silence (``first`` for its beginning); never raises."""
        with contextlib.suppress(Stopped):
            while await self.more(seconds if self.buffer or first is None else first):
                pass
        return self.buffer

    def abort(self):
        self._stream.transport.abort()

    async def _needed(self):
        if not await self.more():
            raise Stopped("ends the connection before its answer", self.buffer)

    def _left(self):
        return self.end - asyncio.get_running_loop().time()

    def _late(self):
        said = "has not ended its answer" if self.buffer else "accepts the connection and says nothing"
        return f"{said} within {self._visit.timeout:g} seconds"


# --- UDP ----------------------------------------------------------------------------------------------------


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self):
        self.heard, self.refused = [], False
        self.news = asyncio.Event()

    def datagram_received(self, data, _address):
        if len(self.heard) < DATAGRAMS:
            self.heard.append(data)
        self.news.set()

    def error_received(self, exc):
        self.refused = isinstance(exc, ConnectionRefusedError)
        self.news.set()


class Conversation:
    """What a protocol reader sees of a UDP socket."""

    def __init__(self, visit, transport, protocol, end):
        self._visit, self._transport, self._protocol, self._end = visit, transport, protocol, end

    def send(self, data):
        self._transport.sendto(data)

    async def hear(self, seconds=None):
        """The next datagram; b"" when ``seconds`` pass. Raises Refused, and Silent at the end of this conversation."""
        loop, heard = asyncio.get_running_loop(), self._protocol
        left = self._end - loop.time()
        while not heard.heard:
            if heard.refused:
                raise Refused()
            heard.news.clear()
            try:
                await asyncio.wait_for(heard.news.wait(), left if seconds is None else min(seconds, left))
            except asyncio.TimeoutError:
                if seconds is not None:
                    return b""
                raise Silent() from None
        return self._visit.admit(heard.heard.pop(0))
