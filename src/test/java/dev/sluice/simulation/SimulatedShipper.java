package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/** A shipper at the far end of a wire: it sends events in pieces of any size, and looks at what it is answered. */
final class SimulatedShipper implements Wire.FarEnd {

    /** What is acknowledged as one. */
    record Unit(int id, List<String> messages) {}

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration HURRY = Duration.ofMillis(50);

    private final VirtualTime time;
    private final SplittableRandom random;
    private final Conversation conversation;
    private final Manner manner;
    private final BiConsumer<SimulatedShipper, Unit> acknowledged;
    private final Duration pauseMax;
    private final List<Unit> units = new ArrayList<>();

    /** Where each unit ends in the script. */
    private final List<Integer> ends = new ArrayList<>();

    private byte[] script = {};
    private int end;
    private int sent;
    private final Answers answers;
    private Uplink wire;
    private boolean isGone;
    private boolean isClosing;
    private boolean isShownTheEnd;
    private int turn;

    /** One that speaks any protocol and behaves in any way. */
    SimulatedShipper(VirtualTime time, SplittableRandom random, BiConsumer<SimulatedShipper, Unit> acknowledged) {
        this(
                time,
                random,
                acknowledged,
                Conversation.values()[random.nextInt(Conversation.values().length)],
                Manner.values()[random.nextInt(Manner.values().length)]);
    }

    /** The same that was there before, which sends properly what it was not answered. */
    SimulatedShipper again(SplittableRandom other) {
        return new SimulatedShipper(time, other, acknowledged, conversation, Manner.PROPER);
    }

    private SimulatedShipper(
            VirtualTime time,
            SplittableRandom random,
            BiConsumer<SimulatedShipper, Unit> acknowledged,
            Conversation conversation,
            Manner manner) {
        this.time = time;
        this.random = random;
        this.acknowledged = acknowledged;
        this.conversation = conversation;
        this.manner = manner;
        answers = new Answers(
                conversation,
                units,
                unit -> acknowledged.accept(this, unit),
                failure -> time.fail(failure + ": " + this));
        time.count(conversation);
        time.count(manner);
        pauseMax = Duration.ofMillis(1 + random.nextInt(random.nextInt(4) == 0 ? 2000 : 50));
    }

    Conversation conversation() {
        return conversation;
    }

    List<Unit> units() {
        return units;
    }

    /** Whether all that it sent has to be stored: nothing of it may be lost by its own fault. */
    boolean isProper() {
        return manner.isProper();
    }

    /** Whether each event of it that is stored is stored as it was sent; of text that is cut, a part may be. */
    boolean isWhole() {
        return isProper() || isReset();
    }

    /** Whether it resets the connection in the middle of something that is no line. */
    boolean isReset() {
        return manner == Manner.RESETTING && conversation.isAnswered();
    }

    /** Whether it comes once more with what it was not answered, and may have been stored. */
    boolean comesAgain() {
        return manner == Manner.RESETTING && conversation == Conversation.FORWARD;
    }

    /** What it has to send elsewhere: what it was not answered or, where nothing is, did not send. The ids stay. */
    List<Unit> left() {
        List<Unit> left = new ArrayList<>(units.subList(kept(), units.size()));
        if (answers.eventsOfNext() > 0) {
            Unit cut = left.removeFirst();
            left.addFirst(new Unit(cut.id, cut.messages.subList(answers.eventsOfNext(), cut.messages.size())));
        }
        return left;
    }

    /** What it counts on: what it was answered or, where nothing is, sent. */
    List<Unit> done() {
        return units.subList(0, kept());
    }

    private int kept() {
        return conversation.isAnswered()
                ? answers.answered()
                : (int) ends.stream().filter(each -> each <= sent).count();
    }

    boolean isSlow() {
        return manner == Manner.SLOWLY_READING;
    }

    boolean isGarbled() {
        return manner == Manner.GARBLED;
    }

    /** The connection is over, and everything that it was answered has arrived. */
    boolean isGone() {
        return isGone;
    }

    boolean isAnswered() {
        return answers.isComplete();
    }

    /** Gets to know what it will send. */
    void load(List<Unit> toSend) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(conversation.greeting().getBytes(ISO_8859_1));
        int garbledAt = isGarbled() ? random.nextInt(toSend.size()) : -1;
        if (garbledAt >= 0) {
            answers.garbledAt(garbledAt);
        }
        units.addAll(toSend);
        for (Unit unit : units) {
            byte[] written = conversation.written(unit.id, unit.messages);
            if (unit.id == garbledAt) {
                random.nextBytes(written);
            }
            out.writeBytes(written);
            ends.add(out.size());
        }
        script = out.toByteArray();
        end = manner == Manner.RESETTING || manner == Manner.STALLING ? random.nextInt(script.length) : script.length;
    }

    void start(Uplink connected) {
        wire = connected;
        if (manner == Manner.SLOWLY_READING) {
            wire.readSlowly();
        }
        pause();
    }

    private void pause() {
        Duration max = isShownTheEnd ? HURRY : pauseMax;
        int mine = ++turn;
        time.after(Duration.ofNanos(random.nextLong(max.toNanos())), () -> {
            if (mine == turn) {
                send();
            }
        });
    }

    private void send() {
        if (isGone) {
            return;
        }
        if (sent == end) {
            finish();
            return;
        }
        int room = Wire.WINDOW - wire.unread();
        int piece = Math.min(Math.min(room, end - sent), 1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 8000));
        if (piece > 0) {
            wire.send(Unpooled.copiedBuffer(script, sent, piece));
            sent += piece;
        }
        pause();
    }

    private void finish() {
        switch (manner) {
            case RESETTING -> {
                isGone = true;
                wire.reset();
            }
            case GARBLED, STALLING -> time.after(PATIENCE, this::close); // an answer may never come
            case PROPER, SLOWLY_READING -> {
                if (isAnswered()) {
                    close();
                } else {
                    isClosing = true;
                }
            }
            case HALF_CLOSING -> close();
        }
    }

    private void close() {
        wire.endFar();
    }

    @Override
    public void received(ByteBuf bytes) {
        if (!isGone) {
            answers.add(bytes.toString(ISO_8859_1));
        }
        if (isClosing && isAnswered()) {
            isClosing = false;
            close();
        }
    }

    /** It is shown the end: what it has begun to write it writes, if nobody will tell it that this was dropped. */
    @Override
    public void ended(boolean isReset) {
        boolean mayWriteOn = !isShownTheEnd && !isReset && isProper() && !conversation.isAnswered() && sent < end;
        isShownTheEnd = true;
        if (mayWriteOn) {
            end = ends.stream().filter(each -> each >= sent).findFirst().orElseThrow();
            pause(); // and no longer than now
        } else if (!isGone) {
            isGone = true;
            wire.endFar();
        }
    }

    @Override
    public String toString() {
        return manner + " " + conversation + ": " + sent + " of " + end + " bytes sent, " + answers.answered() + " of "
                + units.size() + " units answered";
    }
}
