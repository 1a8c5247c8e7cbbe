"""The parts of this folder that decide: what they are to see, they see. No guest is started."""
import argparse
import os
import struct
import tempfile
import unittest
import wave

import blocks
import log_writes
import oracle
import readers
import recorders
import trial

OURS = recorders.BY_NAME["holdfast"]
RAMP = recorders.Ramp(OURS)
READERS = (readers.by_wave, readers.by_sndfile)


class Readers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "take.wav")

    def write(self, audio):
        with wave.open(self.path, "wb") as file:
            file.setparams((OURS.channels, OURS.sample_bytes, OURS.rate, 0, "NONE", ""))
            file.writeframes(audio)

    def test_whole_ramp_is_right(self):
        self.write(RAMP.first(70000))
        for read in READERS:
            self.assertEqual(read(self.path, OURS, RAMP), readers.Audio(70000, 70000))

    def test_first_wrong_frame_is_found(self):
        for wrong in (0, 1, 4999, 9999):
            audio = bytearray(RAMP.first(10000))
            audio[wrong * OURS.frame_bytes + 5] ^= 0x80
            self.write(audio)
            for read in READERS:
                self.assertEqual(read(self.path, OURS, RAMP).right, wrong)

    def test_zeros_in_the_middle_are_found(self):
        audio = bytearray(RAMP.first(10000))
        audio[3000 * OURS.frame_bytes:4000 * OURS.frame_bytes] = bytes(1000 * OURS.frame_bytes)
        self.write(audio)
        self.assertEqual(readers.by_wave(self.path, OURS, RAMP).right, 3000)

    def test_file_that_is_cut_short_has_what_is_there(self):
        self.write(RAMP.first(10000))
        os.truncate(self.path, 44 + 4000 * OURS.frame_bytes)
        for read in READERS:
            self.assertEqual(read(self.path, OURS, RAMP).right, 4000)

    def test_empty_file_does_not_open(self):
        with open(self.path, "wb"):
            pass
        for read in READERS:
            self.assertFalse(read(self.path, OURS, RAMP).opens)


class Oracle(unittest.TestCase):
    STATUS = '{"event":"status","captured_frames":%d,"safe_frames":%d}'

    def test_highest_safe_frame_is_the_promise(self):
        lines = [(1.0, '{"event":"started"}'), (1.0, self.STATUS % (480, 240)),
                 (1.1, self.STATUS % (960, 480))]
        said = oracle.said(lines, OURS, cut_at=1.15)
        self.assertEqual((said.started, said.promised), (True, 480))
        self.assertEqual(said.captured, 960 + OURS.rate // 20)

    def test_nothing_is_captured_after_the_stop(self):
        lines = [(1.0, self.STATUS % (960, 480)), (1.0, "stopping")]
        self.assertEqual(oracle.said(lines, OURS, cut_at=9.0).captured, 960)

    def test_stopped_take_is_promised_whole(self):
        lines = [(1.0, self.STATUS % (960, 480)), (1.1, '{"event":"stopped","frames":960}')]
        self.assertEqual(oracle.said(lines, OURS, cut_at=9.0).promised, 960)

    def test_repaired_take_is_promised_as_the_tool_said(self):
        lines = [(1.0, '{"event":"repaired","outcome":"recovered","result":"/a/b.wav",'
                  '"recoverable_frames":7}')]
        said = oracle.said(lines, OURS)
        self.assertEqual((said.repaired, said.repaired_frames), ("b.wav", 7))

    def test_repaired_take_of_windows_has_its_name(self):
        lines = [(1.0, '{"event":"repaired","outcome":"recovered",'
                  r'"result":"Z:\\run\\disk\\b.wav","recoverable_frames":7}')]
        self.assertEqual(oracle.said(lines, OURS).repaired, "b.wav")


class Moments(unittest.TestCase):
    def test_same_seed_gives_the_same_cuts(self):
        draw = [trial.draw("7", n, "xfs", [OURS]) for n in range(200)]
        self.assertEqual(draw, [trial.draw("7", n, "xfs", [OURS]) for n in range(200)])
        self.assertEqual({one.moment for one in draw}, set(trial.MOMENTS))


class Starts(unittest.TestCase):
    OPTIONS = argparse.Namespace(bin="/ours", windows_bin="/theirs")

    def test_windows_program_is_the_one_of_its_folder_and_gets_a_drive(self):
        line = recorders.BY_NAME["holdfast-wine"].start(self.OPTIONS)
        self.assertIn("on_wine /theirs/holdfast-capture.exe ", line)
        self.assertIn(" Z:/run/disk/holdfast-wine.wav)", line)
        self.assertIn("exec /ours/holdfast-capture ", OURS.start(self.OPTIONS))

    def test_only_controls_get_false_syncs(self):
        liars = {r.name for r in recorders.RECORDERS if "NOSYNC" in r.start(self.OPTIONS)}
        self.assertEqual(liars, {r.name for r in recorders.RECORDERS if r.control_of})


class Log(unittest.TestCase):
    ENTRIES = [(8, 2, 0, b"a" * 1024), (0, 0, log_writes.MARK, b"started"),
               (16, 1, 0, b"b" * 512), (24, 1, log_writes.FUA, b"c" * 512),
               (0, 0, log_writes.MARK, b"safe:5"), (0, 0, log_writes.FLUSH, b""),
               (32, 2, 0, b"d" * 1024)]

    def setUp(self):
        with tempfile.NamedTemporaryFile(delete=False) as log:
            self.addCleanup(os.unlink, log.name)
            log.write(log_writes.SUPER.pack(log_writes.MAGIC, 1, len(self.ENTRIES), 512)
                      .ljust(512, b"\0"))
            for sector, sectors, flags, data in self.ENTRIES:
                mark = len(data) if flags & log_writes.MARK else 0
                entry = struct.pack("<QQQQ", sector, sectors, flags, mark)
                log.write((entry + (data if mark else b"")).ljust(512, b"\0"))
                log.write(b"" if mark else data)
        self.entries = log_writes.read(log.name)

    def test_entries_are_read_with_their_data(self):
        self.assertEqual([(e.sector, e.flags, e.data) for e in self.entries],
                         [(s, f, d) for s, _, f, d in self.ENTRIES])

    def test_promise_is_that_of_the_marks_before_the_point(self):
        self.assertEqual(blocks.State(self.entries, 4).oracle, oracle.Said(started=True))
        self.assertEqual(blocks.State(self.entries, 5).oracle,
                         oracle.Said(started=True, promised=5, captured=5))

    def test_disk_in_order_keeps_everything(self):
        state = blocks.State(self.entries, 4)
        self.assertEqual([sector for sector, _ in state.loose], [8, 16, 24])

    def test_lost_cache_spares_what_was_flushed_or_durable_by_itself(self):
        class AllLost:
            @staticmethod
            def choice(_):
                return "lost"
        self.assertEqual([s for s, _ in blocks.State(self.entries, 4, AllLost()).loose], [24])
        self.assertEqual(blocks.State(self.entries, 7, AllLost()).flushed, 5)

    def test_torn_write_is_a_part_of_its_sectors(self):
        class Torn:
            chances = iter([0.9, 0.1])

            @staticmethod
            def choice(_):
                return "torn"

            def random(self):
                return next(self.chances)
        torn = blocks.State(self.entries, 7, Torn()).loose
        self.assertEqual(torn, [(33, b"d" * 512)])


if __name__ == "__main__":
    unittest.main()
