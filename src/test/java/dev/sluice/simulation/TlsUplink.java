package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** The TLS of a shipper: the JDK's own, on the wire's side what {@link Wire} has and on the other plain bytes. */
final class TlsUplink implements Uplink, Wire.FarEnd {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final SplittableRandom random;
    private final SimulatedShipper shipper;
    private final ByteBuf received = Unpooled.buffer();
    private final ByteBuffer plain;
    private final ByteBuffer record;
    private Uplink wire;
    private boolean isSlow;
    private boolean isEstablished;

    /** Of {@code shipper}, to whom {@code engine} speaks as a client. */
    TlsUplink(SSLEngine engine, SplittableRandom random, SimulatedShipper shipper) {
        this.engine = engine;
        this.random = random;
        this.shipper = shipper;
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    }

    /** The wire is there: it greets. */
    void start(Uplink connected) {
        wire = connected;
        try {
            engine.beginHandshake();
        } catch (SSLException failure) {
            throw new UncheckedIOException(failure);
        }
        goOn();
    }

    @Override
    public void received(ByteBuf bytes) {
        received.writeBytes(bytes);
        goOn();
        received.discardReadBytes();
    }

    /** The end that TLS itself announces comes right before this one. */
    @Override
    public void ended(boolean isReset) {
        shipper.ended(isReset || !isEstablished || engine.isOutboundDone());
    }

    @Override
    public void send(ByteBuf bytes) {
        ByteBuffer left = bytes.nioBuffer();
        while (left.hasRemaining() && !engine.isOutboundDone()) {
            wrap(left);
        }
    }

    /** Until it has shaken hands it may send nothing. */
    @Override
    public int unread() {
        return isEstablished ? wire.unread() : Wire.WINDOW;
    }

    @Override
    public void readSlowly() {
        isSlow = true;
    }

    /** Some say so in TLS, too, and some do not; before TLS 1.3 that ends what they are answered. */
    @Override
    public void endFar() {
        boolean mayTell =
                shipper.isAnswered() || engine.getSession().getProtocol().equals("TLSv1.3");
        if (mayTell && random.nextBoolean()) {
            engine.closeOutbound();
            goOn();
        }
        wire.endFar();
    }

    @Override
    public void reset() {
        wire.reset();
    }

    /** Does what is due, until it waits for the other side. */
    private void goOn() {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    engine.getDelegatedTask().run();
                    yield true;
                }
                case NEED_WRAP -> wrap(NOTHING);
                default -> received.isReadable() && unwrap();
            };
        }
    }

    private boolean wrap(ByteBuffer from) {
        try {
            SSLEngineResult result = engine.wrap(from, record);
            look(result);
            record.flip();
            while (record.hasRemaining()) {
                ByteBuffer piece = record.slice(record.position(), 1 + random.nextInt(record.remaining()));
                wire.send(Unpooled.copiedBuffer(piece));
                record.position(record.position() + piece.limit());
            }
            record.clear();
            return result.getStatus() == SSLEngineResult.Status.OK;
        } catch (SSLException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private boolean unwrap() {
        try {
            HandshakeStatus before = engine.getHandshakeStatus();
            SSLEngineResult result = engine.unwrap(received.nioBuffer(), plain);
            received.skipBytes(result.bytesConsumed());
            look(result);
            plain.flip();
            if (plain.hasRemaining()) {
                shipper.received(Unpooled.copiedBuffer(plain));
            }
            plain.clear();
            return result.bytesConsumed() > 0 || result.getHandshakeStatus() != before;
        } catch (SSLException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void look(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            isEstablished = true;
            if (isSlow) {
                wire.readSlowly();
            }
        }
    }
}
