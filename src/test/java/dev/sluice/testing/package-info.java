/** Fakes and fixtures that tests of several packages share. */
package dev.sluice.testing;
