package dev.sluice.store.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.r2dbc.postgresql.client.PostgresStartupParameterProvider;
import io.r2dbc.postgresql.message.frontend.StartupMessage;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class StartupMessageFilterTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new StartupMessageFilter());

    @AfterEach
    void releaseEverything() {
        assertThat(channel.finishAndReleaseAll()).isFalse();
    }

    @Test
    void theParameterThatPgBouncerRefusesIsLeftOut() {
        ByteBuf message = startup("sluice", Map.of("search_path", "logs"));
        String before = message.toString(UTF_8);
        assertThat(before)
                .as("The driver no longer sends the parameter: the filter can go")
                .contains("extra_float_digits\0002\0");

        ByteBuf sent = sent(message);

        assertThat(sent.readInt()).isEqualTo(before.length() - "extra_float_digits\0002\0".length());
        assertThat(sent.toString(UTF_8))
                .isEqualTo(before.substring(Integer.BYTES).replace("extra_float_digits\0002\0", ""));
        sent.release();
    }

    @Test
    void aUserOfThatNameKeepsIt() {
        ByteBuf sent = sent(startup("extra_float_digits", Map.of()));

        assertThat(sent.toString(UTF_8)).contains("user\0extra_float_digits\0database\0");
        assertThat(sent.getInt(0)).isEqualTo(sent.readableBytes());
        sent.release();
    }

    @Test
    void onlyTheFirstMessageIsLookedAt() {
        sent(startup("sluice", Map.of())).release();

        ByteBuf second = startup("sluice", Map.of());
        assertThat(sent(second)).isSameAs(second);
        second.release();
        assertThat(channel.pipeline().get(StartupMessageFilter.class)).isNull();
    }

    @Test
    void whatIsNoStartupMessagePassesAsItIs() {
        ByteBuf query = Unpooled.wrappedBuffer(new byte[] {0, 12, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        assertThat(sent(query)).isSameAs(query);
        query.release();
    }

    private ByteBuf sent(ByteBuf message) {
        channel.writeOutbound(message);
        return channel.readOutbound();
    }

    private static ByteBuf startup(String user, Map<String, String> options) {
        return Mono.from(new StartupMessage(
                                "logs",
                                user,
                                new PostgresStartupParameterProvider("sluice", TimeZone.getTimeZone("UTC"), options))
                        .encode(PooledByteBufAllocator.DEFAULT))
                .block();
    }
}
