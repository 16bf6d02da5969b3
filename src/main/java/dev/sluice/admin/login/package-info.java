/** Who may see contents of logs. Loaded only where there are users; holds failed attempts of few addresses. */
@NullMarked
package dev.sluice.admin.login;

import org.jspecify.annotations.NullMarked;
