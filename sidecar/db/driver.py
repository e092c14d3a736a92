"""PyMySQL, with results read faster.

PyMySQL builds several objects for each packet and parses anew, for every result, what each column is. That
was half the time of a point query. Here the description of a column is parsed once a connection, those of a
result that came before are only compared, and rows are cut out of their packets in one loop. Everything else,
errors above all, stays PyMySQL's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from pymysql import connections, converters, err, protocol
from pymysql.constants import CR, FIELD_TYPE

# What is used here of PyMySQL's inside has no types.
_Connection: Any = connections.Connection
_MySQLResult: Any = connections.MySQLResult
_Packet: Any = protocol.MysqlPacket
_Field: Any = protocol.FieldDescriptorPacket

#: Columns whose descriptions a connection remembers; they differ by table, alias and length.
REMEMBERED = 2000
#: Results of one number of columns whose descriptions it remembers as a whole.
ALIKE = 8
#: Of this many bytes another packet follows; of this many and more a row never is the end's packet.
_FULL = 0xFFFFFF
_LONGEST_END = 9
#: Types whose bytes are text in the connection's character set, unless they say they are binary.
_TEXTS = frozenset(
    {
        FIELD_TYPE.BIT,
        FIELD_TYPE.BLOB,
        FIELD_TYPE.LONG_BLOB,
        FIELD_TYPE.MEDIUM_BLOB,
        FIELD_TYPE.STRING,
        FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.VAR_STRING,
        FIELD_TYPE.VARCHAR,
        FIELD_TYPE.GEOMETRY,
    }
)
_BINARY = 63
_header = struct.Struct("<HBB").unpack

#: Character set (None: bytes) and conversion of one column.
Reader = tuple[str | None, Callable[[Any], Any] | None]


#: Its description (PEP 249), and how its values are read.
Column = tuple[tuple[Any, ...], Reader]


class Connection(_Connection):  # type: ignore[misc]
    """A connection to the server, as PyMySQL makes it."""

    _next_seq_id: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        #: What a column's description means, by its bytes.
        self.columns: dict[bytes, Column] = {}
        #: The packets of all columns of a result, and what they mean, by their number; those used last first.
        self.results: dict[int, list[tuple[bytes, list[Column]]]] = {}
        super().__init__(*args, **kwargs)

    def _read_query_result(self, unbuffered: bool = False) -> Any:
        if unbuffered:
            return super()._read_query_result(unbuffered=True)
        self._result = None
        result = _Result(self)
        result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def read_payload(self) -> bytes:
        """The next packet's bytes; the server's error when it is one."""
        payload = self._payload()
        if payload[:1] == b"\xff":
            _Packet(payload, self.encoding).raise_for_error()
        return payload

    def _payload(self) -> bytes:
        low, high, number = _header(self._read_bytes(4))
        length = low + (high << 16)
        if number != self._next_seq_id:
            self._force_close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
        self._next_seq_id = (self._next_seq_id + 1) % 256
        payload: bytes = self._read_bytes(length)
        return payload if length < _FULL else payload + self._payload()

    def result(self, count: int) -> list[Column]:
        """The columns of a result, whose packets come next."""
        alike = self.results.setdefault(count, [])
        # What has arrived; usually the server has sent everything at once.
        arrived = self._rfile.peek()
        for place, (packets, columns) in enumerate(alike):
            if arrived.startswith(packets):
                self._read_bytes(len(packets))
                self._next_seq_id = (self._next_seq_id + count) % 256
                if place:
                    alike.insert(0, alike.pop(place))
                return columns
        number = self._next_seq_id
        payloads = [self.read_payload() for _ in range(count)]
        columns = [self.column(payload) for payload in payloads]
        if all(len(payload) < _FULL for payload in payloads):
            packets = b"".join(
                len(payload).to_bytes(3, "little") + bytes([(number + place) % 256]) + payload
                for place, payload in enumerate(payloads)
            )
            others = [each for each in alike if each[0] != packets]
            self.results[count] = [(packets, columns), *others[: ALIKE - 1]]
        return columns

    def column(self, payload: bytes) -> Column:
        """What one column's packet says."""
        known = self.columns.get(payload)
        if known is None:
            field = _Field(payload, self.encoding)
            converter = self.decoders.get(field.type_code)
            if field.type_code == FIELD_TYPE.JSON:
                encoding = self.encoding
            elif field.type_code in _TEXTS:
                encoding = None if field.charsetnr == _BINARY else self.encoding
            else:
                encoding = "ascii"
            reader = (encoding, None if converter is converters.through else converter)
            if len(self.columns) >= REMEMBERED:
                self.columns.clear()
            known = self.columns[payload] = (field.description(), reader)
        return known


class _Result(_MySQLResult):  # type: ignore[misc]
    """A result that is read at once."""

    connection: Connection

    def _get_descriptions(self) -> None:
        connection = self.connection
        columns = connection.result(self.field_count)
        self.description = tuple(description for description, _ in columns)
        self.converters = [reader for _, reader in columns]
        end = _Packet(connection.read_payload(), connection.encoding)
        assert end.is_eof_packet(), "Protocol error, expecting EOF"

    def _read_rowdata_packet(self) -> None:
        connection, readers = self.connection, self.converters
        rows = []
        while True:
            payload = connection.read_payload()
            if len(payload) < _LONGEST_END and payload[:1] == b"\xfe":
                self._check_packet_is_eof(_Packet(payload, connection.encoding))
                break
            rows.append(_row(payload, readers))
        self.affected_rows = len(rows)
        self.rows = tuple(rows)


def _row(payload: bytes, readers: list[Reader]) -> tuple[Any, ...]:
    """A row's values: each is a length and so many bytes."""
    values: list[Any] = []
    at = 0
    for encoding, converter in readers:
        length = payload[at]
        at += 1
        if length == 251:
            values.append(None)
            continue
        if length > 251:
            size = {252: 2, 253: 3, 254: 8}[length]
            length = int.from_bytes(payload[at : at + size], "little")
            at += size
        data: Any = payload[at : at + length]
        at += length
        if encoding is not None:
            data = data.decode(encoding)
        values.append(data if converter is None else converter(data))
    return tuple(values)
