package dev.sluice.protocol.relp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.LineFramer;
import dev.sluice.protocol.line.Pieces;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.ByteWriter;
import java.util.Arrays;

/**
 * RELP as librelp speaks it: {@code TXNR SP COMMAND SP DATALEN [SP DATA] LF}. A session is opened with an offer of
 * versions, of which 0, which librelp really sends, and 1 are the same to us; every message is answered with 200, in
 * the order in which they came.
 *
 * <p>It never answers 500: at that, librelp destroys the message. What must not be acknowledged is not answered, and
 * the connection is closed, so that the sender keeps it. A message that is too long becomes dead letters, and then it
 * is acknowledged, because sending it again would not make it shorter.
 */
public final class RelpFramer implements Framer {

    public static final int TXNR_DIGITS_MAX = 9;

    private static final int LENGTH_DIGITS_MAX = 9;
    private static final int COMMAND_LETTERS_MAX = 32;
    private static final int OFFERS_BYTES_MAX = 4 * 1024;

    private static final byte[] RSP = " rsp ".getBytes(US_ASCII);
    private static final byte[] OK = " rsp 6 200 OK\n".getBytes(US_ASCII);
    private static final byte[] EMPTY = " rsp 0\n".getBytes(US_ASCII);
    private static final byte[] SERVER_CLOSE = "0 serverclose 0\n".getBytes(US_ASCII);
    private static final byte[] VERSION = "relp_version=".getBytes(US_ASCII);
    private static final byte[] OFFERS = "\nrelp_software=sluice\ncommands=syslog".getBytes(US_ASCII);

    /** What the letters of a command spell. */
    private static final AsciiNameTable<Command> COMMANDS =
            AsciiNameTable.of("open", Command.OPEN, "syslog", Command.SYSLOG, "close", Command.CLOSE);

    private enum Command {
        OPEN,
        SYSLOG,
        CLOSE
    }

    private final int frameBytesMax;
    private boolean open;
    private final Pieces oversize;

    /** Whether the end of a message that is too long is still to come, and its number. */
    private boolean isOversize;

    private int oversizeTxnr;

    /** Places in the header at hand. */
    private int txnrFrom;

    private int commandFrom;

    private int commandTo;
    private int lengthFrom;
    private int lengthTo;

    public RelpFramer(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
        oversize = new Pieces(frameBytesMax);
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (isOversize) {
            return oversize.areUnderWay() ? oversize.next(from, to, frame) : afterOversize(bytes, from, frame);
        }
        Found header = header(bytes, from, to);
        if (header != Found.FRAME) {
            return header;
        }
        int length = Ascii.number(bytes, lengthFrom, lengthTo);
        // Without data there is no space, though some write one.
        int data = bytes[lengthTo] == ' ' ? lengthTo + 1 : lengthTo;
        Command command = COMMANDS.find(bytes, commandFrom, commandTo);
        if (command == null || open == (command == Command.OPEN) || (length > 0 && data == lengthTo)) {
            return Found.MALFORMED;
        }
        if (command == Command.SYSLOG) {
            return message(bytes, data, length, to, frame);
        }
        if (length > OFFERS_BYTES_MAX) {
            return Found.MALFORMED;
        }
        if (to - data <= length) {
            return Found.INCOMPLETE;
        }
        if (bytes[data + length] != '\n') {
            return Found.MALFORMED;
        }
        frame.set(data, data, data + length + 1);
        return command == Command.OPEN ? open(bytes, data, length, frame) : close(bytes, frame);
    }

    @Override
    public boolean farewell(Frame frame) {
        frame.reply().put(SERVER_CLOSE);
        return true;
    }

    private Found message(byte[] bytes, int data, int length, int to, Frame frame) {
        if (length > frameBytesMax) {
            isOversize = true;
            oversizeTxnr = Ascii.number(bytes, txnrFrom, commandFrom - 1);
            oversize.begin(length, RejectReason.OVERSIZE_FRAME);
            frame.set(data, data, data);
            return Found.SKIPPED;
        }
        if (to - data <= length) {
            return Found.INCOMPLETE;
        }
        int end = data + length;
        if (bytes[end] != '\n') {
            return Found.MALFORMED;
        }
        int trimmed = LineFramer.trimmed(bytes, data, end);
        frame.set(data, trimmed, end + 1);
        answer(bytes, OK, frame);
        frame.acknowledged();
        return trimmed == data ? Found.SKIPPED : Found.FRAME;
    }

    private Found afterOversize(byte[] bytes, int from, Frame frame) {
        if (bytes[from] != '\n') {
            return Found.MALFORMED;
        }
        isOversize = false;
        frame.set(from, from, from + 1);
        frame.reply().put(Integer.toString(oversizeTxnr).getBytes(US_ASCII));
        frame.reply().put(OK);
        frame.acknowledged();
        return Found.SKIPPED;
    }

    private Found open(byte[] bytes, int data, int length, Frame frame) {
        open = true;
        boolean first = offers(bytes, data, data + length) != '0';
        byte[] status = "200 OK\n".getBytes(US_ASCII);
        int size = status.length + VERSION.length + 1 + OFFERS.length;
        ByteWriter reply = frame.reply();
        answer(bytes, RSP, frame);
        reply.put(Integer.toString(size).getBytes(US_ASCII));
        reply.put(' ');
        reply.put(status);
        reply.put(VERSION);
        reply.put(first ? '1' : '0');
        reply.put(OFFERS);
        reply.put('\n');
        return Found.SKIPPED;
    }

    private Found close(byte[] bytes, Frame frame) {
        answer(bytes, EMPTY, frame);
        frame.reply().put(SERVER_CLOSE);
        return Found.GOODBYE;
    }

    /** The first digit of the version that is offered. */
    private static int offers(byte[] bytes, int from, int to) {
        for (int i = from; i + VERSION.length < to; i++) {
            if (Arrays.equals(bytes, i, i + VERSION.length, VERSION, 0, VERSION.length)) {
                return bytes[i + VERSION.length];
            }
        }
        return '0';
    }

    /** Writes the number of the transaction at hand, and what follows. */
    private void answer(byte[] bytes, byte[] rest, Frame frame) {
        frame.reply().put(bytes, txnrFrom, commandFrom - 1 - txnrFrom);
        frame.reply().put(rest);
    }

    /** Finds the places of the header; {@link Found#FRAME} if it is whole. */
    private Found header(byte[] bytes, int from, int to) {
        txnrFrom = from;
        int txnrTo = Ascii.digitsEnd(bytes, from, Math.min(to, from + TXNR_DIGITS_MAX));
        if (txnrTo == to) {
            return Found.INCOMPLETE;
        }
        if (txnrTo == from || bytes[txnrTo] != ' ') {
            return Found.MALFORMED;
        }
        commandFrom = txnrTo + 1;
        commandTo = lettersEnd(bytes, commandFrom, Math.min(to, commandFrom + COMMAND_LETTERS_MAX));
        if (commandTo == to) {
            return Found.INCOMPLETE;
        }
        if (commandTo == commandFrom || bytes[commandTo] != ' ') {
            return Found.MALFORMED;
        }
        lengthFrom = commandTo + 1;
        lengthTo = Ascii.digitsEnd(bytes, lengthFrom, Math.min(to, lengthFrom + LENGTH_DIGITS_MAX));
        if (lengthTo == to) {
            return Found.INCOMPLETE;
        }
        boolean ends = bytes[lengthTo] == ' ' || bytes[lengthTo] == '\n';
        return lengthTo > lengthFrom && ends ? Found.FRAME : Found.MALFORMED;
    }

    private static int lettersEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] >= 'a' && bytes[i] <= 'z') {
            i++;
        }
        return i;
    }
}
