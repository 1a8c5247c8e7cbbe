"""Reads the log of the device mapper's log-writes target: every write to a disk, in order.

Format: Documentation/admin-guide/device-mapper/log-writes.rst of Linux. Block 0 is the super block,
each entry one block and then its data. A write without a barrier is logged when the next flush
completes, before the flush's own entry; a FUA write when it completes.
"""
import dataclasses
import struct

MAGIC = 0x6A736677736872
SECTOR = 512
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
SUPER = struct.Struct("<QQQI")   # magic, version, entries, block size
ENTRY = struct.Struct("<QQQQ")   # sector, sectors, flags, bytes of a mark


@dataclasses.dataclass(frozen=True)
class Entry:
    sector: int
    flags: int
    data: bytes  # what was written, or a mark's text

    @property
    def is_mark(self):
        return bool(self.flags & MARK)

    @property
    def is_write(self):
        return bool(self.data) and not self.flags & (MARK | DISCARD)

    @property
    def is_barrier(self):
        return bool(self.flags & FLUSH)

    @property
    def is_durable(self):
        """On the medium by itself, whatever becomes of the cache."""
        return bool(self.flags & FUA)


def read(path):
    """All entries. A discard may or may not take the old bytes away; here it never does."""
    with open(path, "rb") as log:
        magic, version, count, block = SUPER.unpack(log.read(SUPER.size))
        if (magic, version) != (MAGIC, 1):
            raise ValueError(f"{path} holds no log of writes")
        entries, at = [], block
        for _ in range(count):
            log.seek(at)
            sector, sectors, flags, mark = ENTRY.unpack(log.read(ENTRY.size))
            at += block
            if flags & MARK:
                data = log.read(mark)
            elif flags & DISCARD:
                data = b""
            else:
                log.seek(at)
                data = log.read(sectors * SECTOR)
                at += sectors * SECTOR
            entries.append(Entry(sector, flags, data))
    return entries
