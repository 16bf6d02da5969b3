/**
 * What operators write, checked: the records of {@code sluice.*}, the database's options, a listener's TLS, and the
 * ceilings of memory and open files that follow from them.
 *
 * <p>In: Spring's environment. Out: the settings of the stages, or a {@link dev.sluice.config.StartupException} that
 * says what is wrong. It holds nothing once the service runs.
 */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;
