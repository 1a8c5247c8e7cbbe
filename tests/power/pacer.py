#!/usr/bin/env python3
"""A device for programs that read a pipe: the 16-bit stereo ramp in real time, on stdout.

It tells on descriptor 3 how many frames it has delivered. Blocks are below PIPE_BUF, so that a
reader never gets a part of one.

usage: pacer.py NAME RATE 3>REPORTS | RECORDER
"""
import array
import os
import sys
import time

BLOCK = 600  # frames
FRAME = 4    # bytes


def main():
    name, rate = sys.argv[1], int(sys.argv[2])
    ramp = array.array("h", (n - ((n & 0x8000) << 1) for n in range(1 << 16) for _ in range(2)))
    ramp = ramp.tobytes() + ramp[:2 * BLOCK].tobytes()
    start = time.monotonic()
    delivered = 0
    while True:
        at = delivered % (1 << 16) * FRAME
        os.write(1, ramp[at:at + BLOCK * FRAME])
        delivered += BLOCK
        if delivered % (8 * BLOCK) == 0:
            os.write(3, f"captured {name} {delivered}\n".encode())
        time.sleep(max(0.0, start + delivered / rate - time.monotonic()))


main()
