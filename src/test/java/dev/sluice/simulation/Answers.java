package dev.sluice.simulation;

import dev.sluice.simulation.SimulatedShipper.Unit;
import java.util.List;
import java.util.function.Consumer;

/** What a shipper is answered, compared byte by byte with what is due. */
final class Answers {

    private final Conversation conversation;
    private final List<Unit> units;
    private final Consumer<Unit> acknowledged;
    private final Consumer<String> wrong;
    private final StringBuilder text = new StringBuilder();
    private int answered;
    private int eventsOfNext;
    private int garbledAt = Integer.MAX_VALUE;
    private boolean isGreeted;

    /**
     * Of what is sent in this order.
     *
     * @param acknowledged takes each unit that is answered, or the part of it that is
     * @param wrong takes what should not have been answered
     */
    Answers(Conversation conversation, List<Unit> units, Consumer<Unit> acknowledged, Consumer<String> wrong) {
        this.conversation = conversation;
        this.units = units;
        this.acknowledged = acknowledged;
        this.wrong = wrong;
        isGreeted = conversation.welcome().isEmpty();
    }

    /** From this unit on the answers may be any. */
    void garbledAt(int unit) {
        garbledAt = unit;
    }

    /** Units that were answered whole. */
    int answered() {
        return answered;
    }

    /** Of the next unit so many events were. */
    int eventsOfNext() {
        return eventsOfNext;
    }

    boolean isComplete() {
        return answered == units.size() || !conversation.isAnswered();
    }

    void add(String received) {
        text.append(received);
        boolean isTaken = true;
        while (isTaken && !text.isEmpty()) {
            isTaken = answered >= garbledAt ? search() : take();
        }
    }

    /** Takes the first answer, which has to be the one that is due. False when it is not whole yet. */
    private boolean take() {
        String due = due();
        if (skip(conversation.keepAlive()) || skip(conversation.farewell())) {
            return true;
        }
        if (skip(due)) {
            next();
            return true;
        }
        if (conversation == Conversation.LUMBERJACK && answered < units.size() && takePart()) {
            return true;
        }
        String part = text.toString();
        if (!due.startsWith(part)
                && !conversation.keepAlive().startsWith(part)
                && !conversation.farewell().startsWith(part)) {
            wrong.accept("it was answered '" + part + "' and not '" + due + "'");
        }
        return false;
    }

    /** Of a window that is not completed the events are acknowledged that came. */
    private boolean takePart() {
        Unit due = units.get(answered);
        for (int size = eventsOfNext + 1; size < due.messages().size(); size++) {
            List<String> part = due.messages().subList(0, size);
            if (skip(conversation.answer(due.id(), part))) {
                acknowledged.accept(new Unit(due.id(), part));
                eventsOfNext = size;
                return true;
            }
        }
        return false;
    }

    /** After bytes of no protocol nobody knows what is answered to them. */
    private boolean search() {
        String due = due();
        int at = due.isEmpty() ? -1 : text.indexOf(due);
        if (at < 0) {
            return false;
        }
        text.delete(0, at + due.length());
        next();
        return true;
    }

    /** Empty where no answer may come. */
    private String due() {
        if (!isGreeted) {
            return conversation.welcome();
        }
        return answered == units.size()
                ? ""
                : conversation.answer(
                        units.get(answered).id(), units.get(answered).messages());
    }

    private boolean skip(String answer) {
        boolean isThere = !answer.isEmpty() && text.indexOf(answer) == 0;
        if (isThere) {
            text.delete(0, answer.length());
        }
        return isThere;
    }

    private void next() {
        if (isGreeted) {
            acknowledged.accept(units.get(answered++));
            eventsOfNext = 0;
        }
        isGreeted = true;
    }
}
