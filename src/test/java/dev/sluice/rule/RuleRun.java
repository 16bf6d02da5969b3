package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.protocol.Protocols;
import dev.sluice.rule.field.EventJson;
import dev.sluice.rule.settings.Compilation;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import dev.sluice.rule.settings.Settings;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rules as an operator writes them, and what they make of frames. */
public final class RuleRun implements RowEncoder {

    static final long BYTES = 4711;
    static final long RECEIVED_AT = 1_767_323_045_678_901L;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Protocols PROTOCOLS = new Protocols(ZoneOffset.UTC, 64);

    /** Events as JSON, as {@link EventJson} has them; dead letters as their payload. */
    final List<JsonNode> stored = new ArrayList<>();

    public final List<String> deadLetters = new ArrayList<>();
    final List<String> details = new ArrayList<>();

    /** What else the encoder was told. */
    final List<String> calls = new ArrayList<>();

    final Map<String, Long> filtered = new TreeMap<>();
    final Map<String, Long> nanos = new TreeMap<>();
    public final Map<String, Long> cutShort = new TreeMap<>();
    public RuleEncoder encoder;

    private final LogEvent event = new LogEvent();
    private Origin origin = Origin.of("main", "10.9.8.7", Protocol.SYSLOG);
    private int frames;

    private RuleRun(String yaml) {
        encoder = rules(yaml).before(this, new RuleObserver() {
            @Override
            public void applied(String rule, long dropped, long took) {
                filtered.merge(rule, dropped, Long::sum);
                nanos.merge(rule, took, Long::sum);
            }

            @Override
            public void cutShort(String rule, long texts) {
                cutShort.merge(rule, texts, Long::sum);
            }
        });
    }

    public static RuleRun of(String yaml) {
        return new RuleRun(yaml);
    }

    /** Other rules than can be configured. */
    void over(List<Rule> rules) {
        encoder = new RuleEncoder(rules, this, RuleObserver.NONE);
    }

    /** What an action is made of. */
    static Settings settings(String yaml) {
        return new Settings(tree(yaml), new Compilation(new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null)));
    }

    private static SettingTree tree(String yaml) {
        SettingTree tree = new SettingTree("processors");
        grow(tree, new Yaml().load(yaml));
        return tree;
    }

    static Rules rules(String yaml) {
        SettingTree tree = tree(yaml);
        return Rules.compile(
                tree, new RuleEnvironment(ZoneOffset.UTC, 64, variable -> "NODE".equals(variable) ? "node-7" : null));
    }

    private static void grow(SettingTree tree, Object value) {
        switch (value) {
            case null -> tree.value("");
            case Map<?, ?> map -> map.forEach((name, child) -> grow(tree.name(name.toString()), child));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    grow(tree.place(Integer.toString(i)), list.get(i));
                }
            }
            default -> tree.value(value.toString());
        }
    }

    /** Events that follow come from elsewhere. */
    public RuleRun from(String listener, String source) {
        origin = Origin.of(listener, source, Protocol.SYSLOG);
        return this;
    }

    /** Decodes a line and lets the rules see it; the rules that fired. */
    public List<String> line(String line) {
        return frame(line.getBytes(UTF_8));
    }

    public List<String> frame(byte[] frame) {
        return frame(frame, frame.length > 0 && frame[0] == '{' ? Protocol.JSON : Protocol.SYSLOG);
    }

    public List<String> frame(byte[] frame, Protocol protocol) {
        Origin of = Origin.of(origin.listener(), origin.source(), protocol);
        encoder.begin(new Delivery(of, RECEIVED_AT, 0, 1, Delivery.NO_ACK));
        event.reset(RECEIVED_AT + frames++);
        PROTOCOLS.decoder(protocol).decode(frame, 0, frame.length, event, encoder);
        return encoder.fired();
    }

    /** What is stored of a syslog message; {@code null} when it is not. */
    public JsonNode message(String message) {
        int before = stored.size();
        line("<14>1 2026-11-24T00:00:00Z web-1 shop 42 REQ - " + message);
        return stored.size() == before ? null : stored.getLast();
    }

    public JsonNode last() {
        return stored.getLast();
    }

    @Override
    public void begin(Delivery delivery) {
        origin = delivery.origin();
    }

    @Override
    public void event(LogEvent encoded) {
        stored.add(JSON.readTree(EventJson.of(encoded, origin)));
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        deadLetters.add(new String(bytes, from, to - from, UTF_8));
        details.add(reason.label() + " " + detail);
    }

    @Override
    public void beginFrame() {
        calls.add("beginFrame");
    }

    @Override
    public void filtered() {
        calls.add("filtered");
    }

    @Override
    public void identity(byte[] identity) {
        calls.add("identity " + identity[0]);
    }

    @Override
    public long bytes() {
        return BYTES;
    }

    @Override
    public void takeBack() {
        calls.add("takeBack");
    }

    @Override
    public Rows seal() {
        return new Rows(List.of(), new byte[0], List.of());
    }
}
