package dev.sluice.protocol.json;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonText;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Slice;

/** Writes the value of a member into a column of its event, or the whole member to the attributes. */
final class MemberWriter {

    private MemberWriter() {}

    /** Sets the column to the text, or to the number as it stands; whether it is one of them. */
    static boolean textOrNumber(byte[] bytes, JsonMember member, LogEvent event, Slice column) {
        byte first = bytes[member.valueFrom()];
        if (first != '-' && !Ascii.isDigit(first)) {
            return text(bytes, member, event, column);
        }
        column.set(bytes, member.valueFrom(), member.valueTo() - member.valueFrom());
        return true;
    }

    /** Sets the column to the text; whether it is one. */
    static boolean text(byte[] bytes, JsonMember member, LogEvent event, Slice column) {
        if (!member.isText(bytes)) {
            return false;
        }
        int from = member.textFrom(bytes);
        int to = member.textTo(bytes);
        if (!member.isEscapedText(bytes)) {
            column.set(bytes, from, to - from);
            return true;
        }
        ByteWriter scratch = event.scratch();
        int start = scratch.size();
        JsonText.unescape(bytes, from, to, scratch);
        column.set(scratch.array(), start, scratch.size() - start);
        return true;
    }

    /** Appends the member to the attributes. */
    static void attribute(byte[] bytes, JsonMember member, LogEvent event) {
        event.jsonMembers().attributeKeys().add(bytes, member);
        JsonWriter attributes = event.attributes();
        ByteWriter scratch = event.scratch();
        int key = member.keyFrom();
        int keyTo = member.keyTo();
        if ((member.keyFlags() & JsonFlags.NOT_JSONB) != 0) {
            int start = scratch.size();
            JsonText.sanitize(bytes, key, keyTo, scratch);
            attributes.rawKey(scratch.array(), start, scratch.size() - start);
            scratch.truncate(start);
        } else {
            attributes.rawKey(bytes, key, keyTo - key);
        }
        int value = member.valueFrom();
        int valueTo = member.valueTo();
        if ((member.valueFlags() & JsonFlags.NOT_JSONB) != 0) {
            int start = scratch.size();
            JsonText.sanitize(bytes, value, valueTo, scratch);
            attributes.raw(scratch.array(), start, scratch.size() - start);
            scratch.truncate(start);
        } else {
            attributes.raw(bytes, value, valueTo - value);
        }
    }
}
