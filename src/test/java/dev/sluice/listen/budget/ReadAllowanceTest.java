package dev.sluice.listen.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadAllowanceTest {

    private static final int READ = ReadAllowance.READ_BYTES;

    private final MemoryBudget budget = new MemoryBudget(16L * READ);
    private final ReadAllowance allowance = new ReadAllowance(budget, budget.join("10.0.0.1"));

    @Test
    void whatAReadWasGrantedIsEnoughForIt() {
        allowance.nextRead();
        allowance.read(READ);
        assertThat(allowance.mayHold(READ)).isTrue();
        assertThat(budget.inFlight()).isEqualTo(READ);
    }

    @Test
    void moreIsReservedWhileThereIsSome() {
        allowance.nextRead();
        allowance.read(READ);
        assertThat(allowance.mayHold(2 * READ)).isTrue();
        assertThat(budget.inFlight()).isEqualTo(2L * READ);
        allowance.settle(100);
        assertThat(budget.inFlight()).isEqualTo(100);
    }

    @Test
    void whatIsLackingIsGatheredGrantByGrant() {
        ReadSource other = budget.join("other");
        budget.takeUnreserved(other, 64 * READ, false);
        int asked = READ + READ / 2;
        allowance.nextRead();
        allowance.read(400);
        assertThat(allowance.mayHold(asked)).isFalse();
        assertThat(allowance.mustWait(true)).as("its next turn stands in line").isTrue();
        allowance.settle(400);
        allowance.grant(READ, false);
        assertThat(allowance.mayHold(asked)).isFalse();
        allowance.settle(400);
        assertThat(allowance.heldBytes()).as("what it got is kept").isEqualTo(READ + 400);
        allowance.grant(READ, false);
        assertThat(allowance.mayHold(asked)).isTrue();
        allowance.settle(400);
        assertThat(allowance.heldBytes()).isEqualTo(400);
    }

    @Test
    void aReadWithoutAGrantIsNotEnoughForWhatIsMadeOfIt() {
        budget.takeUnreserved(budget.join("other"), 64 * READ, false);
        int few = allowance.nextRead();
        allowance.read(few);
        assertThat(allowance.mayHold(few - 12)).isTrue();
        allowance.queue(few / 2);
        assertThat(allowance.mayHold(few - 24)).isFalse();
    }
}
