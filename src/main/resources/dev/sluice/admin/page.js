'use strict';

// Everything that a shipper may have written goes into the page as text: through textContent, never as HTML.
const $ = (id) => document.getElementById(id);

const say = (id, text) => {
  if ($(id).textContent !== text) $(id).textContent = text;
};

const make = (tag, text, name) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
};

// ---------------------------------------------------------------- numbers and times as people read them

const short = (value) => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
const whole = (value) => new Intl.NumberFormat('en').format(Math.round(value));

const bytes = (value) => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
};

const time = (seconds) => {
  if (seconds === null || seconds === undefined) return 'not known yet';
  if (seconds < 0) return `${time(-seconds)} ago`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
};

// ---------------------------------------------------------------- tables

// Rows are changed in place: a reader's place in the table, and what is selected there, stay.
const fill = (table, rows, none) => {
  const body = $(table).tBodies[0];
  const columns = $(table).tHead.rows[0].cells.length;
  const wanted = rows.length ? rows : [[{ text: none, name: 'none', span: columns }]];
  while (body.rows.length > wanted.length) body.deleteRow(-1);
  wanted.forEach((cells, at) => {
    const row = body.rows[at] || body.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((given, column) => {
      const cell = row.cells[column] || row.insertCell();
      const { text, name = '', span = 1 } = typeof given === 'object' ? given : { text: given };
      if (cell.textContent !== String(text)) cell.textContent = text;
      cell.className = name;
      cell.colSpan = span;
    });
  });
};

const number = (text) => ({ text, name: 'n' });
const source = (text) => ({ text: text === null ? '' : text, name: 'source' });

// ---------------------------------------------------------------- the picture that the service pushes

const MEANS = {
  idle: 'nothing holds anything up',
  read: 'incomplete frames hold the memory',
  decode: 'event loops are busy framing',
  process: 'workers are busy',
  store: 'the database does not keep up',
};
const WAITS = {
  rail: 'waits for workers or the database',
  budget: 'waits for memory',
  replies: 'waits for its replies',
  rate: 'waits for its max-rate',
};
const CHART_SECONDS = 120;
let before = null;
let history = [];

const rate = (now, name) =>
  before && now.upMillis > before.upMillis
    ? Math.max(0, (now.totals[name] - before.totals[name]) / (now.upMillis - before.upMillis) * 1000)
    : 0;

const show = (now) => {
  if (before && now.upMillis < before.upMillis) { // it was started anew
    before = null;
    history = [];
  }
  say('build', `${now.version} (${now.revision.slice(0, 12)}), up for ${time(now.upMillis / 1000)}`);
  showHealth(now);
  showFigures(now);
  showMeters(now);
  showTables(now);
  before = now;
};

const showHealth = (now) => {
  const isWell = !now.readiness;
  say('state', isWell ? 'ready' : 'not ready');
  $('state').classList.toggle('bad', !isWell);
  say('halted', now.readiness ? `Nothing is stored until an operator repairs this: ${now.readiness}` : '');
  $('halted').hidden = isWell;
  const found = Object.entries(now.findings);
  $('findings').replaceChildren(...found.map(([name, what]) => make('li', `${name}: ${what}`)));
  $('findings').hidden = !found.length;
};

const showFigures = (now) => {
  const into = rate(now, 'receivedEvents');
  const stored = rate(now, 'storedEvents');
  const deadLetters = Object.entries(now.deadLetters);
  say('in-events', `${short(into)}/s`);
  say('in-bytes', `${bytes(rate(now, 'receivedBytes'))}/s, ${whole(now.totals.receivedEvents)} in all`);
  say('out-events', `${short(stored)}/s`);
  say('out-total', `${whole(now.totals.storedEvents)} in all`);
  say('bottleneck', now.stages.bottleneck);
  say('bottleneck-means', MEANS[now.stages.bottleneck] || '');
  say('oldest', time(now.stages.oldestUnackedSeconds));
  say('retries', now.totals.retries ? `${whole(now.totals.retries)} writes were tried again` : '');
  say('dead', whole(now.totals.deadLetters));
  say('dead-why', deadLetters.map(([why, count]) => `${why} ${whole(count)}`).join(', '));
  $('first').hidden = now.totals.receivedEvents > 0;
  say('send', `bash -c "echo '<14>1 - web-1 shop - - - hello from me' > /dev/tcp/127.0.0.1/${now.listeners[0].port}"`);
  if (before) history.push([into, stored]);
  history = history.slice(-CHART_SECONDS);
  showChart();
};

const showChart = () => {
  const most = Math.max(1, ...history.flat());
  const line = (which) => history
    .map((pair, at) => `${(at + CHART_SECONDS - history.length) * 240 / (CHART_SECONDS - 1)},${46 - 44 * pair[which] / most}`)
    .join(' ');
  $('chart-in').setAttribute('points', line(0));
  $('chart-out').setAttribute('points', line(1));
  say('chart-max', history.length ? short(Math.max(...history.flat())) : '0');
};

const meter = (name, share, text) => {
  const id = `meter-${name}`;
  if (!$(id)) {
    const pair = make('div');
    const bar = make('meter');
    bar.id = id;
    bar.setAttribute('aria-label', name);
    const cell = make('dd');
    cell.append(bar);
    const words = make('dd');
    words.id = `${id}-text`;
    pair.append(make('dt', name), cell, words);
    $('meters').append(pair);
  }
  $(id).value = share;
  say(`${id}-text`, text);
};

const pairs = (id, all) => {
  const made = all.map(([name, text, isBad]) => {
    const pair = make('div');
    pair.append(make('dt', name), make('dd', text, isBad ? 'bad' : ''));
    return pair;
  });
  $(id).replaceChildren(...made);
};

const kept = (days, action) => {
  if (action === 'external') return 'decided by who partitions the table';
  return `${days} d, then ${action === 'drop' ? 'dropped' : 'moved elsewhere'}`;
};

const showMeters = (now) => {
  Object.entries(now.stages.busy).forEach(([stage, share]) => meter(stage, share, `${Math.round(share * 100)} %`));
  meter('memory', now.budget.inFlight / now.budget.limit, `${bytes(now.budget.inFlight)} of ${bytes(now.budget.limit)}`);
  $('lanes').replaceChildren(...now.lanes.map((lane, at) => {
    const old = before && before.lanes[at];
    const busy = old ? Math.min(1, (lane.busyMillis - old.busyMillis) / (now.upMillis - before.upMillis)) : 0;
    const name = `${at + 1}: ${lane.state.replace('_', ' ')}, busy ${Math.max(0, Math.round(busy * 100)) || 0} %`;
    return make('li', lane.halted ? `${name}: ${lane.halted}` : name, lane.halted ? 'bad' : '');
  }));
  const { horizonSeconds, overdueDays, retentionDays, retentionAction } = now.partitions;
  pairs('partitions', [
    ['Made ahead for', time(horizonSeconds), horizonSeconds !== null && horizonSeconds < 86400],
    ['Kept for', kept(retentionDays, retentionAction)],
    ['Too old and still there', overdueDays === null ? 'not known yet' : `${whole(overdueDays)} d`, overdueDays > 0],
  ]);
  const names = now.rules.names || [];
  const refused = now.rules.refused ? `; the file's newer ones are refused: ${now.rules.refused}` : '';
  say('rules', (names.length ? names.join(', ') : 'none') + refused);
};

const certificate = (seconds) => {
  if (seconds === null) return 'no TLS';
  const text = seconds < 0 ? `expired ${time(-seconds)} ago` : `good for ${time(seconds)}`;
  return { text, name: seconds < 14 * 86400 ? 'bad' : '' };
};

const showTables = (now) => {
  fill('listeners', now.listeners.map((each) => [
    each.name, number(each.port), number(whole(each.connections)), number(whole(each.limit)), certificate(each.certificateSeconds),
  ]), 'None.');
  fill('connections', now.connections.rows.map((each) => [
    source(each.source), each.listener, each.protocol, number(whole(each.count)),
    each.waits ? { text: WAITS[each.waits] || each.waits, name: 'bad' } : 'may send', number(time(each.millis / 1000)), number(bytes(each.bytes)),
  ]), 'Nobody is connected.');
  say('connections-more', now.connections.more ? `and ${whole(now.connections.more)} more connections` : '');
  const sent = new Map(before ? before.sources.map((each) => [each.source, each.bytes]) : []);
  fill('sources', now.sources.map((each) => {
    const grown = sent.has(each.source) ? (each.bytes - sent.get(each.source)) / (now.upMillis - before.upMillis) * 1000 : 0;
    return [source(each.source), number(bytes(each.bytes)), number(`${bytes(Math.max(0, grown))}/s`)];
  }), 'Nobody has sent anything.');
  fill('throttled', now.throttled.map((each) => [source(each.source), number(time(each.seconds))]), 'Nobody had to wait.');
};

// ---------------------------------------------------------------- pushed while somebody looks

let stream = null;
let retry = null;

const listen = () => {
  clearTimeout(retry);
  if (document.hidden || stream) return;
  stream = new EventSource('status');
  stream.onmessage = (message) => show(JSON.parse(message.data));
  stream.onerror = () => {
    stream.close();
    stream = null;
    say('state', 'no answer');
    $('state').classList.add('bad');
    retry = setTimeout(listen, 3000);
  };
};

document.addEventListener('visibilitychange', () => {
  if (document.hidden && stream) {
    stream.close();
    stream = null;
    before = null;
  } else {
    listen();
  }
});

// ---------------------------------------------------------------- contents of logs, for those who may

// The header keeps the browser from asking for a password by a window of its own.
const ask = (path, more) => fetch(path, { cache: 'no-store', headers: { 'X-Requested-With': 'page' }, ...more });

const showLetters = (letters) => {
  fill('letters', letters.map((each) => [
    each.receivedAt.replace('T', ' ').replace(/\.\d+/, ''), each.detail ? `${each.reason}: ${each.detail}` : each.reason || '', source(each.source),
    each.protocol || '', number(whole(each.bytes)), { text: each.payload, name: 'payload' },
  ]), 'There are none.');
};

const lookAtContents = async () => {
  const answer = await ask('dead-letters?limit=20').catch(() => null);
  const mayLook = answer !== null && answer.ok;
  $('login').hidden = !answer || answer.status !== 401;
  $('letters').hidden = !mayLook;
  $('letters-tools').hidden = !mayLook;
  say('contents-say', !answer ? 'No answer.' : mayLook || answer.status === 401 ? '' : await answer.text());
  if (mayLook) showLetters(await answer.json());
  await showUser();
  $('replay').hidden = !mayLook && $('user').hidden;
};

const showUser = async () => {
  const answer = await ask('login').catch(() => null);
  const user = answer && answer.ok ? (await answer.json()).user : null;
  $('user').hidden = !user;
  say('user-name', user ? `Logged in as ${user}.` : '');
};

$('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await ask('login', { method: 'POST', body: new URLSearchParams(new FormData($('login'))) }).catch(() => null);
  $('login').elements.password.value = '';
  if (answer && answer.ok) {
    await lookAtContents();
    $('letters-again').focus();
  } else {
    say('contents-say', answer ? await answer.text() : 'No answer.');
    $('login').elements.password.focus();
  }
});

$('logout').addEventListener('click', async () => {
  await ask('logout', { method: 'POST' }).catch(() => null);
  $('letters').tBodies[0].replaceChildren();
  $('replay-outcomes').replaceChildren();
  say('replay-say', '');
  if (tail) tail.abort();
  $('tail-lines').textContent = '';
  $('tail-lines').hidden = true;
  await lookAtContents();
});

$('letters-again').addEventListener('click', lookAtContents);

// ---------------------------------------------------------------- dead letters that come back

const BECOMES = {
  stored: ['would be stored', 'stored'],
  filtered: ['would be dropped by a rule', 'dropped by a rule'],
  dead_again: ['cannot be stored now either: stays', 'cannot be stored now either: stays'],
  no_partition: ['has no partition any more: stays', 'has no partition any more: stays'],
  incomplete: ['is not kept as a whole: stays', 'is not kept as a whole: stays'],
  too_long: ['is too long: stays', 'is too long: stays'],
};
let looked = null;

const showReplay = (done) => {
  const verb = done.applied ? 'Replayed' : 'Nothing was changed. To be replayed:';
  say('replay-say', `${done.error ? `${done.error} ` : ''}${verb} ${whole(done.gone)} dead letters as ${whole(done.events)} events; ${whole(done.stays)} stay.`);
  $('replay-outcomes').replaceChildren(
    ...done.outcomes.map((each) => make('li', plain(`${whole(each.count)} ${each.reason}: ${BECOMES[each.outcome][done.applied ? 1 : 0]}`))),
    ...done.examples.map((each) => make('li', plain(`e.g. ${each.reason} → ${each.newReason || each.outcome}${each.detail ? `: ${each.detail}` : ''}`), 'payload')));
};

const replay = async (fields) => {
  say('replay-say', 'Working.');
  $('replay-outcomes').replaceChildren();
  $('replay-look').disabled = $('replay-apply').disabled = true;
  const answer = await ask('replay', {
    method: 'POST', body: JSON.stringify(fields), headers: { 'X-Requested-With': 'page', 'Content-Type': 'application/json' },
  }).catch(() => null);
  const text = answer ? await answer.text().catch(() => '') : 'No answer.';
  $('replay-look').disabled = $('replay-apply').disabled = false;
  const done = text.trim().startsWith('{') ? JSON.parse(text) : null;
  if (done && done.outcomes) {
    showReplay(done);
  } else {
    say('replay-say', done && done.error ? done.error : text);
  }
  return done && !done.error && done.outcomes ? done : null;
};

$('replay').addEventListener('submit', async (event) => {
  event.preventDefault();
  looked = Object.fromEntries([...new FormData($('replay'))].filter((pair) => pair[1].trim()));
  const done = await replay(looked);
  $('replay-apply').hidden = !done || !done.gone;
});

$('replay').addEventListener('input', () => {
  $('replay-apply').hidden = true;
});

$('replay-apply').addEventListener('click', async () => {
  $('replay-apply').hidden = true;
  await replay({ ...looked, apply: true });
  await lookAtContents();
  $('replay-look').focus();
});

// ---------------------------------------------------------------- events as they come

const TAIL_LINES = 200;
const SEVERITIES = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'];
let tail = null;
let tailLines = [];

// What is no plain character would hide others, or turn their order around.
const plain = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu, (each) => `\\u{${each.codePointAt(0).toString(16)}}`);

const tailLine = (event) => {
  if (event.tail) return `(${whole(event.tail.lost)} events came faster than they could be shown)`;
  const head = [event.received_at.slice(11, 23), SEVERITIES[event.severity] || '-', event.host || '-', event.app || '-'];
  return plain(`${head.join(' ')} ${event.message}`);
};

const showTail = (events) => {
  tailLines = [...tailLines, ...events.map(tailLine)].slice(-TAIL_LINES);
  const lines = $('tail-lines');
  const isAtEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
  lines.textContent = tailLines.join('\n');
  lines.hidden = false;
  if (isAtEnd) lines.scrollTop = lines.scrollHeight;
};

const readTail = async (body) => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n');
    rest = lines.pop();
    const events = lines.filter((line) => line).map((line) => JSON.parse(line));
    if (events.length) showTail(events);
  }
};

const refusal = async (answer) => ({
  401: 'Log in above first.',
  503: 'As many look as may at a time.',
}[answer.status] || answer.text());

const startTail = async () => {
  const wanted = new URLSearchParams([...new FormData($('tail'))].filter((pair) => pair[1].trim()));
  tail = new AbortController();
  tailLines = [];
  say('tail-say', 'Waiting for events.');
  say('tail-go', 'Stop');
  try {
    const answer = await ask(`tail?${wanted}`, { signal: tail.signal });
    if (answer.ok) await readTail(answer.body);
    say('tail-say', answer.ok ? 'The service ended it.' : await refusal(answer));
  } catch {
    say('tail-say', tail.signal.aborted ? '' : 'No answer.');
  }
  tail = null;
  say('tail-go', 'Show events');
};

$('tail').addEventListener('submit', (event) => {
  event.preventDefault();
  if (tail) {
    tail.abort();
  } else {
    startTail();
  }
});

listen();
lookAtContents();
