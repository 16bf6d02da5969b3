package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.simulation.PostgresFaults.Consequence;
import dev.sluice.simulation.PostgresFaults.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * A session at the modelled server, on the wire: it reads messages, one after the other, and runs their statements. As
 * the real one it goes on with what it has begun when its client has gone, a COMMIT among it.
 */
final class PostgresSession implements Wire.FarEnd {

    private final Postgres server;
    private final SqlStatements sql;
    private final FrontendMessages messages = new FrontendMessages();
    private Wire wire;
    private boolean isLoggedIn;
    private boolean isBusy;
    private boolean isClientGone;
    private boolean isDead;
    private boolean isOnly; // the statement in its message

    /** COPY data that arrives, or null. */
    private ByteBuf copied;

    private Runnable waiting;
    private PostgresSession waitsFor;
    private Transaction awaitsStandby;

    PostgresSession(Postgres server) {
        this.server = server;
        sql = new SqlStatements(server, this);
    }

    SqlStatements statements() {
        return sql;
    }

    @Override
    public Exception connected(Wire connected) {
        wire = connected;
        if (server.isDown()) {
            return new ConnectException("Connection refused");
        }
        server.opened(this);
        return null;
    }

    @Override
    public void received(ByteBuf bytes) {
        if (isDead) {
            return;
        }
        messages.add(bytes);
        if (!isLoggedIn && messages.skipLogin()) {
            login();
        }
        next();
    }

    private void login() {
        SqlError refusal = server.faults.login();
        if (refusal != null) {
            server.time.count(Consequence.LOGIN_REFUSED);
            wire.send(BackendMessages.error(refusal));
            die(false);
            return;
        }
        isLoggedIn = true;
        wire.send(BackendMessages.welcome());
    }

    /** What was begun is finished; a waiting one notices after a while. */
    @Override
    public void ended(boolean isReset) {
        isClientGone = true;
        if (isReset) {
            messages.clear();
        }
        if (waitsFor != null) {
            server.time.after(Duration.ofSeconds(5), () -> die(false));
        }
        next();
    }

    /** Ends the session; its transaction is undone. */
    void die(boolean withReset) {
        if (isDead) {
            return;
        }
        isDead = true;
        sql.abort();
        server.closed(this);
        if (withReset) {
            wire.reset();
        } else {
            wire.endFar();
        }
    }

    private void next() {
        while (isLoggedIn && !isBusy && !isDead) {
            FrontendMessages.Message message = messages.poll();
            if (message == null) {
                break;
            }
            take(message);
        }
        if (isClientGone && !isBusy) {
            die(false);
        }
    }

    private void take(FrontendMessages.Message message) {
        switch (message.type()) {
            case 'Q' -> {
                String text = message.body().toString(0, message.body().readableBytes() - 1, UTF_8);
                List<String> statements = List.of(text.split(";\\s*"));
                isOnly = statements.size() == 1;
                run(new ArrayDeque<>(statements));
            }
            case 'd' -> {
                if (copied != null) {
                    copied.writeBytes(message.body());
                }
            }
            case 'c' -> endCopy();
            case 'f' -> {
                if (copied != null) {
                    copied = null;
                    failed(SqlError.of("57014", "COPY from stdin failed"));
                }
            }
            case 'X' -> die(false);
            default -> throw new SimulationFailure("the model of PostgreSQL does not know message " + message.type());
        }
    }

    private void endCopy() {
        if (copied != null) {
            ByteBuf data = copied;
            copied = null;
            perform(() -> sql.copy(data), new ArrayDeque<>());
        }
    }

    private void run(Deque<String> statements) {
        String statement = statements.poll();
        if (statement == null) {
            isBusy = false;
            wire.send(BackendMessages.ready(sql.state()));
            next();
        } else {
            perform(() -> sql.run(statement, isOnly), statements);
        }
    }

    /** Runs something of a message after its time, and what follows it. */
    private void perform(Supplier<SqlResult> statement, Deque<String> rest) {
        isBusy = true;
        Fault fault = server.faults.next();
        server.meet(fault);
        Duration latency = server.faults.latency().plusNanos(server.frozenNanos());
        server.time.after(latency, () -> {
            if (!isDead) {
                server.time.count(fault);
                meet(fault, statement, rest);
            }
        });
    }

    private void meet(Fault fault, Supplier<SqlResult> statement, Deque<String> rest) {
        switch (fault) {
            case TERMINATED -> {
                wire.send(BackendMessages.error(
                        SqlError.fatal("57P01", "terminating connection due to administrator command")));
                die(false);
            }
            case LOST_BEFORE -> die(true);
            case RESTART -> server.restart(server.faults.outageNanos());
            case FAILOVER -> {
                server.cluster.failOver();
                if (!isDead) {
                    attempt(fault, statement, rest);
                }
            }
            case ERROR -> failed(server.faults.transientError());
            default -> {
                if (fault == Fault.CUT) {
                    wire.cut();
                    server.time.after(server.faults.noticed(), () -> die(false));
                }
                attempt(fault, statement, rest);
            }
        }
    }

    private void attempt(Fault fault, Supplier<SqlResult> statement, Deque<String> rest) {
        waiting = null;
        waitsFor = null;
        awaitsStandby = null;
        switch (statement.get()) {
            case SqlResult.Waits(PostgresSession other) -> waitFor(other, () -> attempt(fault, statement, rest));
            case SqlResult.Replicates(Transaction done) -> waitForStandby(done, () -> attempt(fault, statement, rest));
            case SqlResult.Failed(SqlError error) -> failed(error);
            case SqlResult.Ended(SqlError error) -> {
                wire.send(BackendMessages.error(error));
                die(false);
            }
            case SqlResult.CopyBegins(ByteBuf answer) -> {
                copied = Unpooled.buffer();
                isBusy = false;
                wire.send(answer);
                next();
            }
            case SqlResult.Done(ByteBuf answer) -> {
                if (fault == Fault.LOST_ANSWER) {
                    die(true);
                    return;
                }
                if (fault == Fault.WARNING) {
                    wire.send(BackendMessages.warning("01000", "canceling wait for synchronous replication"));
                }
                wire.send(answer);
                run(rest);
            }
        }
    }

    /** A client that has gone changes nothing about it. */
    private void waitForStandby(Transaction done, Runnable again) {
        waiting = again;
        awaitsStandby = done;
        if (done.isAwaited()) {
            return;
        }
        done.await();
        server.time.count(Consequence.STANDBY_AWAITED);
        if (server.faults.isImpatient()) {
            server.time.after(server.faults.reaction(), () -> giveUpWait(done));
        }
    }

    private void giveUpWait(Transaction done) {
        if (!isDead && awaitsStandby == done) {
            server.time.count(Consequence.WAIT_FOR_STANDBY_GIVEN_UP);
            done.giveUpWait();
            wake();
            if (server.faults.isImpatient()) {
                server.time.after(server.faults.latency(), server.cluster::failOver);
            }
        }
    }

    private void waitFor(PostgresSession other, Runnable again) {
        server.time.count(Consequence.LOCK_AWAITED);
        waitsFor = other;
        for (PostgresSession each = other; each != null; each = each.waitsFor) {
            if (each == this) {
                failed(SqlError.of("40P01", "deadlock detected"));
                return;
            }
        }
        waiting = again;
        if (isClientGone) {
            server.time.after(Duration.ofSeconds(5), () -> die(false));
        }
    }

    /** The lock that it waits for may be free. */
    void wake() {
        Runnable again = waiting;
        if (again != null && !isDead) {
            waiting = null;
            server.time.after(Duration.ofNanos(1000), () -> {
                if (!isDead) {
                    again.run();
                }
            });
        }
    }

    private void failed(SqlError error) {
        waitsFor = null;
        sql.fail();
        isBusy = false;
        wire.send(BackendMessages.error(error));
        wire.send(BackendMessages.ready(sql.state()));
        next();
    }
}
