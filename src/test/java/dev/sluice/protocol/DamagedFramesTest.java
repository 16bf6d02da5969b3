package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.protocol.forward.ForwardFramer;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.protocol.json.ObjectFramer;
import dev.sluice.protocol.line.OctetCount;
import dev.sluice.protocol.lumberjack.LumberjackFramer;
import dev.sluice.protocol.lumberjack.LumberjackWire;
import dev.sluice.protocol.relp.RelpFramer;
import dev.sluice.protocol.syslog.SyslogFramer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One frame of a stream is damaged: a byte of it is changed, removed or added, or its count is altered. That costs this
 * frame and one of those beside it at most; every byte is accounted for, which {@link Frames} checks. Where frames are
 * answered, the conversation may end there: then no frame that was not found is answered, and all before it were found.
 *
 * <p>Of counted streams one in ten thousand costs more: where the wrong count happens to end where a later frame or a
 * read does. Such bytes are also those of a frame with frames in its text (see docs/rationale.md). They are counted.
 * There, too, the text of each frame that is not beside the damaged one is whole, if in the event of another one.
 *
 * <pre>-Dsluice.damage.runs=1000000 -Dsluice.damage.seed=7</pre>
 */
class DamagedFramesTest {

    private static final int RUNS = Integer.getInteger("sluice.damage.runs", 7_000) / Wire.values().length;
    private static final long SEED = Long.getLong("sluice.damage.seed", 20_261_128);
    private static final int FRAMES = 9;

    /**
     * No count with one more digit is beyond it: a frame that is too long is taken to its declared end, so that its
     * content makes no events of its own, and one that only says so takes what follows with it.
     */
    private static final int FRAME_BYTES_MAX = 16_384;

    private static final String[] WORDS = {
        "order", "12", "{", "}", "[7]", "\"", "Größe", "a=b", "\\", "200 OK", "at", "5", "\t", "<b>", "x:"
    };

    /** A frame on the wire: so many of its bytes are its count, and so it is found. */
    private record Sent(byte[] bytes, int countBytes, String found, String answer) {}

    private enum Wire {
        LINES,
        COUNTED,
        JSON,
        GELF,
        RELP,
        LUMBERJACK,
        FORWARD;

        boolean isAnswered() {
            return this == RELP || this == LUMBERJACK || this == FORWARD;
        }

        Framer framer() {
            return switch (this) {
                case LINES, COUNTED -> new SyslogFramer(FRAME_BYTES_MAX);
                case JSON -> ObjectFramer.lines(FRAME_BYTES_MAX);
                case GELF -> ObjectFramer.gelf(FRAME_BYTES_MAX);
                case RELP -> new RelpFramer(FRAME_BYTES_MAX);
                case LUMBERJACK -> new LumberjackFramer(FRAME_BYTES_MAX);
                case FORWARD -> new ForwardFramer(new ForwardLimits(65_536, 65_536, FRAME_BYTES_MAX), null);
            };
        }

        byte[] before() {
            return switch (this) {
                case RELP -> bytes("1 open 14 relp_version=0\n");
                case LUMBERJACK -> bytes("2W\0\0\0" + (char) FRAMES);
                default -> new byte[0];
            };
        }

        Sent sent(int number, String text) {
            String event = "<14>1 2026-11-27T12:00:00Z h1 app - - - event " + number + ". " + text + ".";
            String json = "{\"n\":{\"a\":[" + number + "]},\"message\":\""
                    + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + "\"}";
            return switch (this) {
                case LINES -> sent("", event, "\n", "");
                case COUNTED -> sent(event.getBytes(UTF_8).length + " ", event, "", "");
                case JSON -> sent("", json, "\n", "");
                case GELF -> sent("", json, "\0", "");
                case RELP ->
                    sent(
                            number + 2 + " syslog " + event.getBytes(UTF_8).length + " ",
                            event,
                            "\n",
                            "> " + (number + 2) + " rsp 6 200 OK\n");
                case LUMBERJACK -> {
                    byte[] frame = LumberjackWire.json(number + 1, json);
                    yield new Sent(frame, 10, latin(json.getBytes(UTF_8)), "> 2A\0\0\0" + (char) (number + 1));
                }
                case FORWARD -> {
                    byte[] frame =
                            MsgPackBytes.array("t", 1_795_780_800, Map.of("m", json), Map.of("chunk", "c" + number));
                    yield new Sent(frame, 3, latin(frame), "> " + latin(MsgPackBytes.of(Map.of("ack", "c" + number))));
                }
            };
        }

        private static Sent sent(String count, String payload, String end, String answer) {
            byte[] bytes = (count + payload + end).getBytes(UTF_8);
            return new Sent(bytes, count.length(), latin(payload.getBytes(UTF_8)), answer);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void costsOneNeighbourAtMost(Wire wire) {
        int believed = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            try {
                believed += check(wire, new SplittableRandom(seed)) ? 1 : 0;
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("-Dsluice.damage.seed=" + seed + " of " + wire, failure);
            }
        }
        System.err.printf(
                "%s: %,d damaged streams, in %,d a wrong count was believed, seeds from %d%n",
                wire, RUNS, believed, SEED);
        assertThat(believed).isLessThanOrEqualTo(wire == Wire.COUNTED ? RUNS / 5_000 + 2 : 0);
    }

    /** What a million of them found once. */
    @ParameterizedTest
    @ValueSource(longs = {20_364_577, 20_763_030})
    void countsThatOnceCostMore(long seed) {
        assertThat(check(Wire.COUNTED, new SplittableRandom(seed))).isFalse();
    }

    /** Whether a wrong count is believed. */
    private static boolean check(Wire wire, SplittableRandom random) {
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            sent.add(wire.sent(i, text(random)));
        }
        // The first frame tells what the connection speaks, and is what a shipper begins with.
        int damaged = random.nextInt(1, FRAMES);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(wire.before());
        byte[] amiss = damage(sent.get(damaged), random);
        for (int i = 0; i < FRAMES; i++) {
            stream.writeBytes(i == damaged ? amiss : sent.get(i).bytes);
        }
        int[] ends = random.ints(random.nextInt(4), 0, stream.size()).sorted().toArray();
        List<String> found = Frames.read(wire.framer(), stream.toByteArray(), ends);
        if (wire.isAnswered()) {
            checkAnswers(sent, damaged, found);
            return false;
        }
        boolean mayBeRight =
                wire == Wire.COUNTED && (isRightElsewhere(sent, damaged, amiss) || isRead(sent, damaged, amiss, ends));
        if (mayBeRight && !isFound(sent, damaged, found)) {
            checkHeld(sent, damaged, found);
            return true;
        }
        checkFound(sent, damaged, found);
        return false;
    }

    /**
     * A count that is wrong and ends where another frame begins, in bytes or in characters, or a byte or two before, is
     * that of a frame with frames in it: a count is believed when an event follows.
     */
    private static boolean isRightElsewhere(List<Sent> sent, int damaged, byte[] amiss) {
        int size = OctetCount.size(amiss, 0, amiss.length);
        int count = size > 0 ? OctetCount.value(amiss, 0) : 0;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.write(amiss, Math.max(size, 0), amiss.length - Math.max(size, 0));
        for (int i = damaged + 1; i < FRAMES; i++) {
            payload.writeBytes(sent.get(i).bytes);
            int bytes = payload.size();
            int characters = payload.toString(UTF_8).length();
            if ((count >= bytes - 2 && count <= bytes) || (count >= characters - 2 && count <= characters)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A frame is taken as soon as it is whole, so that none waits: also one with a wrong count where a read ends there.
     */
    private static boolean isRead(List<Sent> sent, int damaged, byte[] amiss, int[] ends) {
        int start = sent.stream()
                .limit(damaged)
                .mapToInt(frame -> frame.bytes.length)
                .sum();
        int size = OctetCount.size(amiss, 0, amiss.length);
        int end = size > 0 ? start + size + OctetCount.value(amiss, 0) : 0;
        return Arrays.stream(ends).anyMatch(read -> read == end);
    }

    /** Each text is there, if in the event of another one. */
    private static void checkHeld(List<Sent> sent, int damaged, List<String> found) {
        String all = String.join("", found);
        for (int i = 0; i < FRAMES; i++) {
            if (i < damaged - 1) {
                assertThat(found.get(i)).isEqualTo(sent.get(i).found);
            } else if (i > damaged + 1) {
                assertThat(all).contains(sent.get(i).found);
            }
        }
    }

    private static boolean isFound(List<Sent> sent, int damaged, List<String> found) {
        try {
            checkFound(sent, damaged, found);
            return true;
        } catch (AssertionError costsMore) {
            return false;
        }
    }

    private static void checkFound(List<Sent> sent, int damaged, List<String> found) {
        int at = 0;
        int lost = 0;
        for (int i = 0; i < FRAMES; i++) {
            int place = found.subList(at, found.size()).indexOf(sent.get(i).found);
            if (place >= 0) {
                at += place + 1;
            } else {
                assertThat(Math.abs(i - damaged)).as("frame %d of %s", i, found).isLessThanOrEqualTo(1);
                lost += i == damaged ? 0 : 1;
            }
        }
        assertThat(lost).as("neighbours of %d lost in %s", damaged, found).isLessThanOrEqualTo(1);
    }

    private static void checkAnswers(List<Sent> sent, int damaged, List<String> found) {
        for (int i = 0; i < FRAMES; i++) {
            boolean isFound = found.contains(sent.get(i).found);
            if (i < damaged) {
                assertThat(isFound)
                        .as("frame %d before %d in %s", i, damaged, found)
                        .isTrue();
            } else if (i > damaged + 1 && found.contains(sent.get(i).answer)) {
                assertThat(isFound).as("answered frame %d in %s", i, found).isTrue();
            }
        }
    }

    private static byte[] damage(Sent sent, SplittableRandom random) {
        byte[] bytes = sent.bytes.clone();
        boolean isCount = sent.countBytes > 0 && random.nextInt(4) == 0;
        int at = random.nextInt(isCount ? sent.countBytes : bytes.length);
        byte other = (byte)
                (random.nextBoolean() ? random.nextInt(256) : "0123456789 <>{}\"\n\0[]".charAt(random.nextInt(20)));
        byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
        return switch (random.nextInt(3)) {
            case 0 -> join(bytes, at, new byte[] {other}, rest, 1);
            case 1 -> join(bytes, at, new byte[0], rest, 1);
            default -> join(bytes, at, new byte[] {other}, rest, 0);
        };
    }

    private static byte[] join(byte[] start, int length, byte[] middle, byte[] rest, int skipped) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(start, 0, length);
        all.writeBytes(middle);
        all.write(rest, skipped, rest.length - skipped);
        return all.toByteArray();
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int words = random.nextInt(12); words > 0; words--) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return text.append(random.nextLong()).toString();
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
