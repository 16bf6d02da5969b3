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

    /** How it behaves. */
    enum Manner {
        /** It sends everything, waits for its answers and closes. */
        PROPER,
        /** It closes its side after the last byte, and still reads. */
        HALF_CLOSING,
        /** It has hardly any room for what it is answered, and takes its time. */
        SLOWLY_READING,
        /** It stops in the middle of anything, and is still there. */
        STALLING,
        /** It resets the connection in the middle of anything. */
        RESETTING,
        /** Somewhere it sends bytes that are not its protocol. */
        GARBLED
    }

    /** What is acknowledged as one. */
    record Unit(int id, List<String> messages) {}

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final VirtualTime time;
    private final SplittableRandom random;
    private final Conversation conversation;
    private final Manner manner;
    private final BiConsumer<SimulatedShipper, Unit> acknowledged;
    private final Duration pauseMax;
    private final List<Unit> units = new ArrayList<>();
    private byte[] script = {};
    private int end;
    private int sent;
    private int answered;
    private int garbledAt = -1;
    private boolean isGreeted;
    private final StringBuilder answers = new StringBuilder();
    private Wire wire;
    private boolean isGone;
    private boolean isClosing;

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
        isGreeted = conversation.welcome().isEmpty();
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
        return manner == Manner.PROPER || manner == Manner.HALF_CLOSING || manner == Manner.SLOWLY_READING;
    }

    /** Whether each event of it that is stored is stored as it was sent; of text that is cut, a part may be. */
    boolean isWhole() {
        return isProper() || (manner == Manner.RESETTING && conversation.isAnswered());
    }

    /** Whether it comes once more with what it was not answered, and may have been stored. */
    boolean comesAgain() {
        return manner == Manner.RESETTING && conversation == Conversation.FORWARD;
    }

    /** What it was not answered; the ids are the same. */
    List<Unit> unanswered() {
        return List.copyOf(units.subList(answered, units.size()));
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
        return answered == units.size() || !conversation.isAnswered();
    }

    /** Gets to know what it will send. */
    void load(List<Unit> toSend) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(conversation.greeting().getBytes(ISO_8859_1));
        garbledAt = isGarbled() ? random.nextInt(toSend.size()) : -1;
        units.addAll(toSend);
        for (Unit unit : units) {
            byte[] written = conversation.written(unit.id, unit.messages);
            if (unit.id == garbledAt) {
                random.nextBytes(written);
            }
            out.writeBytes(written);
        }
        script = out.toByteArray();
        end = manner == Manner.RESETTING || manner == Manner.STALLING ? random.nextInt(script.length) : script.length;
    }

    void start(Wire connected) {
        wire = connected;
        if (manner == Manner.SLOWLY_READING) {
            wire.readSlowly();
        }
        pause();
    }

    private void pause() {
        time.after(Duration.ofNanos(random.nextLong(pauseMax.toNanos())), this::send);
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
        answers.append(bytes.toString(ISO_8859_1));
        boolean isTaken = true;
        while (!isGone && isTaken && !answers.isEmpty()) {
            isTaken = garbledAt >= 0 && answered >= garbledAt ? search() : take();
        }
        if (isClosing && isAnswered()) {
            isClosing = false;
            close();
        }
    }

    /** Takes the first answer, which has to be the one that is due. False when it is not whole yet. */
    private boolean take() {
        String due = due();
        if (skip(conversation.keepAlive()) || skip(conversation.farewell())) {
            return true;
        }
        if (skip(due)) {
            answered();
            return true;
        }
        if (manner == Manner.STALLING && conversation == Conversation.LUMBERJACK && takePart()) {
            return true;
        }
        String part = answers.toString();
        if (!due.startsWith(part)
                && !conversation.keepAlive().startsWith(part)
                && !conversation.farewell().startsWith(part)) {
            time.fail("it was answered '" + part + "' and not '" + due + "': " + this);
        }
        return false;
    }

    /** Of a window that is not completed the events are acknowledged that came. */
    private boolean takePart() {
        Unit due = units.get(answered); // there is one: not all was sent
        for (int size = 1; size < due.messages.size(); size++) {
            List<String> part = due.messages.subList(0, size);
            if (skip(conversation.answer(due.id, part))) {
                acknowledged.accept(this, new Unit(due.id, part));
                return true;
            }
        }
        return false;
    }

    /** After bytes of no protocol nobody knows what is answered to them. */
    private boolean search() {
        String due = due();
        int at = due.isEmpty() ? -1 : answers.indexOf(due);
        if (at < 0) {
            return false;
        }
        answers.delete(0, at + due.length());
        answered();
        return true;
    }

    /** Empty where no answer may come. */
    private String due() {
        if (!isGreeted) {
            return conversation.welcome();
        }
        return answered == units.size()
                ? ""
                : conversation.answer(units.get(answered).id, units.get(answered).messages);
    }

    private boolean skip(String answer) {
        boolean isThere = !answer.isEmpty() && answers.indexOf(answer) == 0;
        if (isThere) {
            answers.delete(0, answer.length());
        }
        return isThere;
    }

    private void answered() {
        if (isGreeted) {
            acknowledged.accept(this, units.get(answered++));
        }
        isGreeted = true;
    }

    @Override
    public void ended(boolean isReset) {
        if (!isGone) {
            isGone = true;
            wire.endFar();
        }
    }

    @Override
    public String toString() {
        return manner + " " + conversation + ": " + sent + " of " + end + " bytes sent, " + answered + " of "
                + units.size() + " units answered";
    }
}
