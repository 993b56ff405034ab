"""How long the sound in a file really is, one module for each container.

Headers are written before the sound, by pipes that cannot go back, by programs that guess, and stay
as they were when files are cut or joined. So each module counts what is there. All take the bytes
of the file (a memory map: what is not looked at is not read from the disk) and answer in
milliseconds, 0 where there is no sound; a kind that browsers do not play raises `UnreadableFile`.
"""

import mmap

Data = bytes | mmap.mmap


def skip_id3v2(data: Data, start: int = 0) -> int:
    """Where what follows the ID3v2 tags at a place begins.

    A tag: "ID3", version (2 bytes), flags, and its size in four bytes of 7 bits, with a footer of
    ten bytes more if bit 4 of the flags is set (ID3v2.4.0 structure, 3.1).
    """
    while data[start : start + 3] == b"ID3":
        head = data[start : start + 10]
        if len(head) < 10 or max(head[6:10]) > 0x7F:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        start += 10 + size + (10 if head[5] & 0x10 else 0)
    return start
