package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.failure.WriteFailure;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class HostChoiceTest {

    private static final HostAddress A = new HostAddress("a", 1);
    private static final HostAddress B = new HostAddress("b", 2);
    private static final HostAnswer REFUSED = new HostAnswer.Refused(new ConnectException("Connection refused"));
    private static final HostAnswer SILENT = new HostAnswer.Silent(Duration.ofSeconds(5));
    private static final HostAnswer STANDBY = new HostAnswer.Standby();
    private static final HostAnswer READ_ONLY = new HostAnswer.ReadOnly();
    private static final HostAnswer UNTOLD = new HostAnswer.Primary(Timeline.UNKNOWN);

    private final Timelines timelines = new Timelines();

    static Stream<Map.Entry<HostAnswer, HostAnswer>> pairsWithoutPrimary() {
        List<HostAnswer> answers = List.of(REFUSED, SILENT, STANDBY, READ_ONLY);
        return answers.stream().flatMap(a -> answers.stream().map(b -> Map.entry(a, b)));
    }

    @ParameterizedTest
    @MethodSource("pairsWithoutPrimary")
    void withoutAPrimaryThereIsNoWinnerAndEachReasonIsNamed(Map.Entry<HostAnswer, HostAnswer> pair) {
        HostChoice choice = choice(pair.getKey(), pair.getValue());
        assertThat(choice.isOver()).isTrue();
        assertThat(choice.winner()).isEmpty();
        assertThat(choice.failure()).hasMessage("a:1: " + pair.getKey() + "; b:2: " + pair.getValue());
        assertThat(WriteFailure.of(choice.failure())).isInstanceOf(WriteFailure.Reconnect.class);
    }

    @Test
    void thePrimaryWinsWhateverTheOtherOneSays() {
        for (HostAnswer other : List.of(REFUSED, SILENT, STANDBY, READ_ONLY)) {
            for (HostAnswer primary : List.of(primary(3), UNTOLD)) {
                assertThat(choice(other, primary).winner()).contains(B);
                assertThat(choice(primary, other).winner()).contains(A);
            }
        }
    }

    @Test
    void aPrimaryWinsAlsoBeforeTheOthersHaveAnswered() {
        HostChoice choice = new HostChoice(List.of(A, B), timelines);
        choice.answered(B, primary(1));
        assertThat(choice.isOver()).isFalse();
        assertThat(choice.winner()).contains(B);
    }

    @Test
    void ofTwoPrimariesTheNewerOneWinsInWhicheverOrderTheyAnswer() {
        assertThat(choice(primary(2), primary(3)).winner()).contains(B);
        assertThat(new HostChoice(List.of(A, B), new Timelines()).winner()).isEmpty();
        HostChoice reversed = choice(primary(3), primary(2));
        assertThat(reversed.winner()).contains(A);
        assertThat(reversed.outdated()).containsExactly(B);
    }

    @Test
    void anOlderPrimaryIsNeverWrittenToOnceANewerOneWasSeen() {
        assertThat(choice(primary(1), STANDBY).winner()).contains(A);
        assertThat(choice(SILENT, primary(2)).winner()).contains(B);
        HostChoice resurrected = choice(primary(1), REFUSED);
        assertThat(resurrected.winner()).isEmpty();
        assertThat(resurrected.failure()).hasMessageContaining("a:1: it takes writes, but is of timeline 1");
        assertThat(choice(primary(1), primary(2)).winner()).contains(B);
    }

    @Test
    void thePrimaryThatWasSeenWinsAgain() {
        assertThat(choice(primary(2), STANDBY).winner()).contains(A);
        assertThat(choice(primary(2), STANDBY).winner()).contains(A);
        assertThat(choice(STANDBY, primary(2)).winner()).contains(B);
    }

    @Test
    void anotherClusterHasTimelinesOfItsOwn() {
        timelines.seen(new Timeline(7, 9));
        assertThat(choice(primary(1), REFUSED).winner()).contains(A);
    }

    @Test
    void aServerThatDoesNotTellItsTimelineIsTaken() {
        timelines.seen(new Timeline(7, 9));
        assertThat(choice(UNTOLD, REFUSED).winner()).contains(A);
        assertThat(timelines.newest()).isEqualTo(new Timeline(7, 9));
    }

    @Test
    void aLaterAnswerReplacesTheEarlierOne() {
        HostChoice choice = choice(STANDBY, SILENT);
        choice.answered(A, primary(2));
        assertThat(choice.winner()).contains(A);
    }

    @Test
    void aHostThatRefusesTheLoginNeedsAnOperatorUnlessAnotherOneTakesWrites() {
        HostAnswer password = new HostAnswer.Refused(
                new R2dbcNonTransientResourceException("password authentication failed", "28P01"));
        for (HostAnswer other : List.of(REFUSED, SILENT, STANDBY)) {
            assertThat(WriteFailure.of(choice(other, password).failure()))
                    .isInstanceOf(WriteFailure.Halt.class)
                    .extracting(WriteFailure::message)
                    .asString()
                    .contains("b:2: password authentication failed");
        }
        assertThat(choice(password, primary(1)).winner()).contains(B);
    }

    @Test
    void aServerThatStartsIsWaitedFor() {
        HostAnswer starting = new HostAnswer.Refused(
                new R2dbcNonTransientResourceException("the database system is starting up", "57P03"));
        assertThat(WriteFailure.of(choice(STANDBY, starting).failure())).isInstanceOf(WriteFailure.Reconnect.class);
    }

    @Test
    void anErrorWithoutAMessageIsNamedByItsKindAndItsCause() {
        assertThat(Reason.of(new IllegalStateException(null, new ConnectException("Connection refused"))))
                .isEqualTo("IllegalStateException: Connection refused");
    }

    @Test
    void theTimelineIsReadFromTheNameOfAFile() {
        assertThat(Timeline.ofWalFile(1, "0000001F00000002000000A3")).isEqualTo(new Timeline(1, 31));
    }

    private HostChoice choice(HostAnswer a, HostAnswer b) {
        HostChoice choice = new HostChoice(List.of(A, B), timelines);
        choice.answered(A, a);
        choice.answered(B, b);
        return choice;
    }

    private static HostAnswer primary(int timeline) {
        return new HostAnswer.Primary(new Timeline(42, timeline));
    }
}
