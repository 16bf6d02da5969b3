/** What operators wrote, as a tree, and the mistakes that are found in it. */
@NullMarked
package dev.sluice.rule.settings;

import org.jspecify.annotations.NullMarked;
