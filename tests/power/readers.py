"""What a plain reader gets from a file: Python's wave module and libsndfile."""
import ctypes
import ctypes.util
import dataclasses
import wave


@dataclasses.dataclass
class Audio:
    frames: int = -1   # -1: the file does not open
    right: int = 0     # frames before the first that is not the ramp's
    why: str = ""

    @property
    def opens(self):
        return self.frames >= 0


def right_frames(audio, recorder, ramp):
    """Whole frames of `audio` before the first that differs from the ramp."""
    size = recorder.frame_bytes
    frames = len(audio) // size
    if audio[:frames * size] == ramp.first(frames):
        return frames
    low, high = 0, frames  # the first `low` are right, the first `high` are not
    while high - low > 1:
        middle = (low + high) // 2
        if audio[:middle * size] == ramp.first(middle):
            low = middle
        else:
            high = middle
    return low


def by_wave(path, recorder, ramp):
    try:
        with wave.open(path, "rb") as file:
            shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if shape != (recorder.rate, recorder.channels, recorder.sample_bytes):
                return Audio(why=f"another format: {shape}")
            frames = file.getnframes()
            return Audio(frames, right_frames(file.readframes(frames), recorder, ramp))
    except (OSError, EOFError, wave.Error) as error:
        return Audio(why=f"wave: {error}")


class SfInfo(ctypes.Structure):
    """SF_INFO of sndfile.h."""
    _fields_ = [("frames", ctypes.c_int64), ("samplerate", ctypes.c_int),
                ("channels", ctypes.c_int), ("format", ctypes.c_int),
                ("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


def sndfile():
    library = ctypes.CDLL(ctypes.util.find_library("sndfile") or "libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    library.sf_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(SfInfo)]
    library.sf_strerror.restype = ctypes.c_char_p
    library.sf_strerror.argtypes = [ctypes.c_void_p]
    library.sf_read_raw.restype = ctypes.c_int64
    library.sf_read_raw.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.sf_close.argtypes = [ctypes.c_void_p]
    return library


def by_sndfile(path, recorder, ramp, library=sndfile()):
    info = SfInfo()
    handle = library.sf_open(path.encode(), 0x10, ctypes.byref(info))  # SFM_READ
    if not handle:
        return Audio(why="libsndfile: " + library.sf_strerror(None).decode())
    try:
        if (info.samplerate, info.channels) != (recorder.rate, recorder.channels):
            return Audio(why=f"another format: {info.samplerate} Hz, {info.channels} channels")
        buffer = ctypes.create_string_buffer(max(1, info.frames * recorder.frame_bytes))
        got = library.sf_read_raw(handle, buffer, info.frames * recorder.frame_bytes)
        return Audio(info.frames, right_frames(buffer.raw[:max(0, got)], recorder, ramp))
    finally:
        library.sf_close(handle)
