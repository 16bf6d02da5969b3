/** TLS: its settings and keys, the handshake as a gate, and records before they are decrypted. */
@NullMarked
package dev.sluice.listen.tls;

import org.jspecify.annotations.NullMarked;
