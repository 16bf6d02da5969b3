package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.protocol.MsgPackBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** How a shipper of each protocol writes events, and how it is answered. */
enum Conversation {
    LINES {
        @Override
        byte[] written(int id, List<String> messages) {
            return String.join(
                            "",
                            messages.stream().map(text -> syslog(text) + "\n").toList())
                    .getBytes(US_ASCII);
        }
    },
    COUNTED {
        @Override
        byte[] written(int id, List<String> messages) {
            return String.join(
                            "",
                            messages.stream()
                                    .map(text -> syslog(text).length() + " " + syslog(text))
                                    .toList())
                    .getBytes(US_ASCII);
        }
    },
    RELP {
        @Override
        String greeting() {
            return "1 open 14 relp_version=0\n";
        }

        @Override
        String welcome() {
            return "1 rsp 58 200 OK\nrelp_version=0\nrelp_software=sluice\ncommands=syslog\n";
        }

        @Override
        String farewell() {
            return "0 serverclose 0\n";
        }

        @Override
        int eventsMax() {
            return 1;
        }

        @Override
        byte[] written(int id, List<String> messages) {
            String text = syslog(messages.getFirst());
            return (id + 2 + " syslog " + text.length() + " " + text + "\n").getBytes(US_ASCII);
        }

        @Override
        String answer(int id, List<String> messages) {
            return id + 2 + " rsp 6 200 OK\n";
        }
    },
    LUMBERJACK {
        @Override
        byte[] written(int id, List<String> messages) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(numbered('W', messages.size()));
            for (int i = 0; i < messages.size(); i++) {
                byte[] json = ("{\"message\":\"" + messages.get(i) + "\"}").getBytes(US_ASCII);
                out.writeBytes(numbered('J', i + 1));
                out.writeBytes(
                        ByteBuffer.allocate(Integer.BYTES).putInt(json.length).array());
                out.writeBytes(json);
            }
            return out.toByteArray();
        }

        @Override
        String answer(int id, List<String> messages) {
            return new String(numbered('A', messages.size()), ISO_8859_1);
        }

        @Override
        String keepAlive() {
            return new String(numbered('A', 0), ISO_8859_1);
        }
    },
    FORWARD {
        @Override
        byte[] written(int id, List<String> messages) {
            List<Object> entries = messages.stream()
                    .<Object>map(text -> List.of(1_795_478_400L, Map.of("message", text)))
                    .toList();
            return MsgPackBytes.array("tag", entries, Map.of("chunk", chunk(id, messages)));
        }

        @Override
        String answer(int id, List<String> messages) {
            return "\u0081\u00A3ack" + new String(MsgPackBytes.of(chunk(id, messages)), ISO_8859_1);
        }

        /** The event's own name is in it, so that no two shippers have the same. */
        private String chunk(int id, List<String> messages) {
            String first = messages.getFirst();
            return id + "." + first.substring(0, first.indexOf(' '));
        }
    };

    /** What opens the conversation; its answer is not waited for. */
    String greeting() {
        return "";
    }

    /** What the greeting is answered. */
    String welcome() {
        return "";
    }

    /** What may come when Sluice wants to end the conversation. */
    String farewell() {
        return "";
    }

    /** What may come at any time and says nothing. */
    String keepAlive() {
        return "";
    }

    int eventsMax() {
        return 20;
    }

    /** What is acknowledged as one, the {@code id}-th of its connection. */
    abstract byte[] written(int id, List<String> messages);

    /** What the bytes of its acknowledgement are; empty where there is none. */
    String answer(int id, List<String> messages) {
        return "";
    }

    boolean isAnswered() {
        return this != LINES && this != COUNTED;
    }

    static String syslog(String text) {
        return "<13>1 - host app - - - " + text;
    }

    private static byte[] numbered(char type, int number) {
        return ByteBuffer.allocate(2 + Integer.BYTES)
                .put((byte) '2')
                .put((byte) type)
                .putInt(number)
                .array();
    }
}
