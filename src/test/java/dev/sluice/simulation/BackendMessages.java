package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;

/** What a server of PostgreSQL says, in version 3 of its protocol. */
final class BackendMessages {

    private static final int TEXT = 25;
    private static final int UUID = 2950;
    private static final int BOOLEAN = 16;
    private static final int BIGINT = 20;
    private static final int BYTEA = 17;

    private BackendMessages() {}

    /** The login succeeded, without a password. */
    static ByteBuf welcome() {
        return Unpooled.wrappedBuffer(
                message('R', out -> out.writeInt(0)),
                parameter("server_version", "18.0"),
                parameter("client_encoding", "UTF8"),
                parameter("TimeZone", "UTC"),
                parameter("DateStyle", "ISO, MDY"),
                parameter("integer_datetimes", "on"),
                message('K', out -> out.writeInt(1).writeInt(1)),
                ready('I'));
    }

    private static ByteBuf parameter(String name, String value) {
        return message('S', out -> {
            text(out, name);
            text(out, value);
        });
    }

    /** {@code state} is I without a transaction, T in one, E in a failed one. */
    static ByteBuf ready(char state) {
        return message('Z', out -> out.writeByte(state));
    }

    static ByteBuf complete(String tag) {
        return message('C', out -> text(out, tag));
    }

    static ByteBuf copyIn(int columns) {
        return message('G', out -> {
            out.writeByte(1).writeShort(columns);
            for (int i = 0; i < columns; i++) {
                out.writeShort(1);
            }
        });
    }

    /** A result of one row of text or none, or many of one column. */
    static ByteBuf rows(List<String> columns, List<List<String>> rows) {
        return rows(columns, rows, "SELECT " + rows.size());
    }

    static ByteBuf rows(List<String> columns, List<List<String>> rows, String tag) {
        ByteBuf out = message('T', to -> {
            to.writeShort(columns.size());
            columns.forEach(column -> column(to, column));
        });
        for (List<String> row : rows) {
            out.writeBytes(message('D', to -> {
                to.writeShort(row.size());
                row.forEach(value -> {
                    byte[] bytes = value.getBytes(UTF_8);
                    to.writeInt(bytes.length).writeBytes(bytes);
                });
            }));
        }
        return out.writeBytes(complete(tag));
    }

    /** A column's name says its type. */
    private static void column(ByteBuf out, String name) {
        text(out, name);
        out.writeInt(0)
                .writeShort(0)
                .writeInt(typeOf(name))
                .writeShort(-1)
                .writeInt(-1)
                .writeShort(0);
    }

    private static int typeOf(String name) {
        return switch (name) {
            case "id", "delivery_id" -> UUID;
            case "standby", "read_only" -> BOOLEAN;
            case "count", "system_identifier" -> BIGINT;
            case "value" -> BYTEA;
            default -> TEXT;
        };
    }

    static ByteBuf error(SqlError error) {
        return response('E', error);
    }

    static ByteBuf warning(String state, String message) {
        return response('N', new SqlError("WARNING", state, message, "", ""));
    }

    private static ByteBuf response(char type, SqlError said) {
        return message(type, out -> {
            field(out, 'S', said.severity());
            field(out, 'V', said.severity());
            field(out, 'C', said.state());
            field(out, 'M', said.message());
            field(out, 't', said.table());
            field(out, 'R', said.routine());
            out.writeByte(0);
        });
    }

    private static void field(ByteBuf out, char type, String value) {
        if (!value.isEmpty()) {
            out.writeByte(type);
            text(out, value);
        }
    }

    private static void text(ByteBuf out, String value) {
        out.writeBytes(value.getBytes(UTF_8)).writeByte(0);
    }

    private static ByteBuf message(char type, Consumer<ByteBuf> body) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(type).writeInt(0);
        body.accept(out);
        return out.setInt(1, out.readableBytes() - 1);
    }
}
