package dev.sluice.listen.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.Listening;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.testing.Await;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class DescriptorsTest {

    private final Process process = new Process();

    @Test
    void whatIsOpenAndWhatIsKeptIsNotForShippers() {
        process.open = 50;
        assertThat(new Descriptors(process, 100).room()).isEqualTo(150);
    }

    @Test
    void itIsSpentWhileThereAreAsManyConnections() {
        process.open = 198;
        Descriptors descriptors = new Descriptors(process, 100);
        EmbeddedChannel first = new EmbeddedChannel();
        descriptors.opened(first);
        assertThat(descriptors.isSpent()).isFalse();
        EmbeddedChannel second = new EmbeddedChannel();
        descriptors.opened(second);
        assertThat(descriptors.isSpent()).isTrue();
        first.close();
        assertThat(descriptors.isSpent()).isFalse();
        second.close();
    }

    @Test
    void whatOthersOpenLaterIsSeen() {
        process.open = 50;
        Descriptors descriptors = new Descriptors(process, 100);
        EmbeddedChannel connection = new EmbeddedChannel();
        descriptors.opened(connection);
        process.open = 140;
        descriptors.look();
        assertThat(descriptors.room()).as("139 and a few to spare").isEqualTo(145);
        process.open = 290;
        descriptors.look();
        assertThat(descriptors.room()).isZero();
        process.open = 100;
        descriptors.look();
        assertThat(descriptors.room()).isEqualTo(150);
        connection.close();
    }

    @Test
    void whoComesWhenTheyAreSpentIsRefused() throws IOException {
        process.open = 198;
        try (Listening sluice = new Listening(Limits.ofConnections(100))) {
            sluice.listener.within(new Descriptors(process, 100));
            Socket first = sluice.connect();
            Socket second = sluice.connect();
            Await.until("connected", () -> sluice.listener.connections() == 2);
            assertThat(sluice.connect().getInputStream().read()).isEqualTo(-1);
            assertThat(sluice.observer.refused).containsExactly(ListenObserver.Refusal.DESCRIPTORS);
            first.close();
            Await.until("closed", () -> sluice.listener.connections() == 1);
            sluice.connect();
            Await.until("connected again", () -> sluice.listener.connections() == 2);
            assertThat(second.isClosed()).isFalse();
        }
    }

    private static final class Process implements Descriptors.Files {
        private long open;

        @Override
        public long open() {
            return open;
        }

        @Override
        public long max() {
            return 300;
        }
    }
}
