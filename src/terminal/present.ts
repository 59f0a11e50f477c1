/** The screen as a pure function of the model: four lines of head, the body, three lines of foot. */
import { bodyRows, isTooSmall, least } from './form.ts';
import {
  cut,
  type Frame,
  fitted,
  type Line,
  line,
  pictures,
  type Size,
  span,
  type Tone,
  widthOf,
  wrap,
} from './frame.ts';
import { bindings } from './keys.ts';
import { gatewayNowMs, type Model, type Screen, topOf } from './model.ts';
import { caseTitle } from './screens/case-view.ts';
import { composeKeys, composeTitle } from './screens/compose.ts';
import { formView } from './screens/form-view.ts';
import { listView } from './screens/list-view.ts';
import { messageTitle } from './screens/message-view.ts';
import { formWords } from './screens/purposes.ts';
import { readingLines, readingRows } from './screens/reading.ts';
import { asksForTelephone, clockOf, dateOf, isInQuarantine, isRunning, spanOf, timeOf } from './words.ts';

/** Two ends of one line: the right one always stays, the left one is cut. */
function ends(left: Line, right: Line, width: number): Line {
  const room = Math.max(0, width - widthOf(right) - 1);
  return [...fitted(left, room), span(' ', left.at(-1)?.tone ?? 'plain'), ...right];
}

function whoLine(model: Model, width: number): Line {
  const status = model.status;
  const practice = status?.practice === true ? [span(' PRACTICE ', 'alarm'), span(' ', 'bar')] : [];
  const place =
    status === null
      ? model.consoleId
      : `${model.consoleId}${status.isCoj ? ' (COJ)' : ''} ${status.ori} ${pictures(status.agency)}`;
  const person = model.person;
  const who = person === null ? 'NOBODY LOGGED ON' : `${person.osn} ${pictures(person.name)}`;
  const now = gatewayNowMs(model);
  const time = now === null ? '--:--:--' : `${dateOf(model.face, now).slice(5)} ${timeOf(model.face, now)}`;
  return ends([...practice, span(`${who} at ${place}`, 'bar')], [span(`${time} `, 'bar')], width);
}

function upstreamSpan(model: Model): Line {
  const status = model.status;
  if (model.link.state !== 'up' || status === null) return [span('SWITCH ?', 'bad')];
  const { state, text } = status.upstream;
  if (state === 'up') return [span('SWITCH up', 'good')];
  const words = state === 'connecting' ? 'SWITCH connecting' : 'SWITCH DOWN';
  return [span(`${words}${text === '' ? '' : ` (${pictures(cut(text, 24))})`}`, 'alarm')];
}

function schedulerSpan(model: Model): Line {
  const status = model.status;
  if (status === null) return [];
  const { kind, ok } = status.scheduler;
  return [span(`  TIMER ${kind}${ok ? '' : ' FAILED'}`, ok ? 'plain' : 'alarm')];
}

/** True while the gateway tells this screen of cases and alarms. */
function isTold(model: Model): boolean {
  return model.link.state === 'up' && model.person !== null;
}

function nextClock(model: Model): Line {
  const row = model.cases.filter(isRunning).toSorted((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0))[0];
  // Only who is logged on is told of cases: to anybody else silence must not look like peace.
  if (row === undefined) return isTold(model) ? [span('no clock runs ', 'plain')] : [span('clocks not known ', 'warn')];
  const clock = clockOf(row, gatewayNowMs(model));
  return [span(` ${row.side === 'ask' ? 'THEY OWE' : 'WE OWE'} ${pictures(row.peerOri)} ${clock.text} `, clock.tone)];
}

function stateLine(model: Model, width: number): Line {
  const status = model.status;
  const counts = status === null ? '' : `  HELD ${status.heldCount}  CASES ${status.openCaseCount}`;
  return ends([...upstreamSpan(model), ...schedulerSpan(model), span(counts)], nextClock(model), width);
}

/** Why the person cannot type or send now, or what everybody must know; one line of sentences. */
export function whyLine(model: Model): { readonly text: string; readonly tone: Tone } {
  if (model.link.state !== 'up') {
    const retry = model.link.retryAtMs === null ? '' : ` Next try in ${spanOf(model.link.retryAtMs - model.nowMs)}.`;
    return { text: `CANNOT SEND: ${model.link.reason}${retry}`, tone: 'alarm' };
  }
  const top = topOf(model);
  if (top?.kind === 'form' && top.waitingFor !== null) {
    const pending = model.pending[top.waitingFor];
    const since =
      pending !== undefined && 'sinceMs' in pending ? Math.floor((model.nowMs - pending.sinceMs) / 1000) : 0;
    return { text: `CANNOT TYPE: waiting for the gateway${since > 1 ? ` for ${since} s` : ''} …`, tone: 'warn' };
  }
  const status = model.status;
  const notices = status?.notices ?? [];
  const words = new Set(model.person === null ? ['NOT LOGGED ON'] : []);
  if (status !== null && !status.approverPresent) words.add('NO APPROVER');
  if (status !== null && status.operator === null) words.add('NO OPERATOR');
  if (status !== null && !status.scheduler.ok && status.scheduler.text !== '') words.add(status.scheduler.text);
  // What practice says of itself comes last, so that nothing real is cut off behind it.
  const isPractice = (text: string): boolean => /^practice/i.test(text);
  for (const notice of notices.toSorted((a, b) => Number(isPractice(a)) - Number(isPractice(b)))) words.add(notice);
  const text = [...words].join(' · ');
  return { text: pictures(text), tone: text === '' ? 'plain' : 'warn' };
}

function alarmLine(model: Model, width: number): Line {
  const first = model.alarms[0];
  if (first === undefined) {
    const none = isTold(model) ? span('no alarms', 'quiet') : span('alarms not known: nobody is logged on', 'warn');
    return fitted([none], width);
  }
  const more = model.alarms.length > 1 ? `${model.alarms.length - 1} more, F6 ` : 'F6 ';
  const tone: Tone = first.level === 'notice' ? 'bar' : 'alarm';
  const words = first.level === 'urgent' ? 'ALARM' : first.level.toUpperCase();
  return ends(
    [span(` ! ${words} ${timeOf(model.face, first.atMs)} ${pictures(first.text)}`, tone)],
    [span(more, tone)],
    width,
  );
}

function head(model: Model, width: number): Line[] {
  const why = whyLine(model);
  return [
    whoLine(model, width),
    stateLine(model, width),
    fitted([span(why.text, why.tone)], width),
    alarmLine(model, width),
  ];
}

/** More lines than these are not said at one time; the last is cut. */
const saidRowsMax = 3;

/** What the last act came to: one line, or more over the end of the body where it is longer, until the next key. */
function saidLines(model: Model, width: number): Line[] {
  if (model.said === null) return [fitted(line(''), width)];
  const { text, tone } = model.said;
  const lines = wrap(`${tone === 'bad' ? '! ' : ''}${pictures(text)}`, width);
  const rest = lines.slice(saidRowsMax - 1).join(' ');
  return [...lines.slice(0, saidRowsMax - 1), ...(rest === '' ? [] : [rest])].map((one) =>
    fitted([span(one, tone)], width),
  );
}

function foot(model: Model, width: number): Line[] {
  return [fitted(ownKeys(model, topOf(model)), width), fitted(roadKeys(model), width)];
}

function hint(shown: string, label: string): Line {
  return [span(shown, 'strong'), span(` ${label}  `)];
}

/** What the keys do on this very screen. */
function ownKeys(model: Model, screen: Screen | undefined): Line {
  if (screen === undefined) return [];
  const own = bindings.filter(
    (one) => one.label !== '' && one.where.includes(screen.kind) && isUseful(model, screen, one.action),
  );
  const back = model.stack.length > 1 && model.person !== null ? hint('Esc', 'Back') : [];
  return [
    ...own.flatMap((one) =>
      hint(one.shown, one.action === 'do' && screen.kind === 'form' ? formWords[screen.purpose.kind].does : one.label),
    ),
    ...back,
  ];
}

/** The ways to everywhere else, always in the same place. */
function roadKeys(model: Model): Line {
  const roads = bindings.filter(
    (one) => one.label !== '' && one.where.includes('everywhere') && one.key.startsWith('f'),
  );
  const open = model.person === null ? roads.filter((one) => one.action === 'help' || one.action === 'leave') : roads;
  return open.flatMap((one) => [span(one.shown, 'strong'), span(` ${one.label} `)]);
}

const listOnly: Readonly<Record<string, readonly string[]>> = {
  inbound: ['open', 'read', 'go-case', 'link', 'free'],
  held: ['open', 'accept', 'release', 'refuse', 'withdraw'],
  sent: ['open', 'withdraw', 'resolve', 'go-case'],
  results: ['open', 'go-case'],
  cases: ['open', 'closed'],
  alarms: ['open', 'silence'],
};

function isUseful(model: Model, screen: Screen, action: string): boolean {
  if (screen.kind === 'list') return listOnly[screen.box]?.includes(action) === true;
  if (screen.kind === 'message') {
    const view = model.messages[screen.id];
    if (view === undefined || action === 'open') return false;
    if (action === 'go-case') return view.caseId !== undefined;
    if (action === 'read') return view.direction === 'in' && view.status !== 'READ';
    if (action === 'link') return view.direction === 'in' && view.caseId === undefined && !isInQuarantine(view);
    if (action === 'free') return isInQuarantine(view);
    if (action === 'disseminate') return view.iii !== undefined;
    if (action === 'resolve') return view.status === 'IN_DOUBT';
    if (action === 'accept') return view.status === 'HELD' && view.operator === undefined;
    if (action === 'release') return view.status === 'HELD' && view.operator !== undefined;
    if (action === 'refuse') return view.status === 'HELD';
    return view.direction === 'out' && ['HELD', 'APPROVED', 'QUEUED'].includes(view.status);
  }
  if (screen.kind === 'case') {
    const view = model.caseViews[screen.id];
    if (view === undefined || view.status === 'closed' || action === 'open') return false;
    if (action === 'accept-class') return view.proposal !== null;
    if (action === 'correct-class') return view.side === 'ask' && view.messages.some((row) => row.direction === 'in');
    if (action === 'check' || action === 'answer') return view.side === 'answer';
    if (action === 'contact') return asksForTelephone(view);
  }
  return true;
}

interface Body {
  readonly lines: readonly Line[];
  readonly cursor: Frame['cursor'];
}

function readingView(model: Model, screen: Extract<Screen, { kind: 'message' | 'case' | 'help' }>): Body {
  const all = readingLines(model, screen);
  const rows = readingRows(model);
  const last = Math.min(all.length, screen.top + rows);
  const where =
    all.length <= rows ? '' : ` lines ${screen.top + 1}–${last} of ${all.length}${last < all.length ? ' ▼' : ''}`;
  const title = titleOf(model, screen);
  return {
    lines: [ends([span(title, 'strong')], [span(where, 'quiet')], model.size.columns), ...all.slice(screen.top, last)],
    cursor: null,
  };
}

function titleOf(model: Model, screen: Extract<Screen, { kind: 'message' | 'case' | 'help' }>): string {
  if (screen.kind === 'help') return 'HELP – every key there is';
  if (screen.kind === 'message') {
    const view = model.messages[screen.id];
    return view === undefined ? 'MESSAGE' : messageTitle(view);
  }
  const view = model.caseViews[screen.id];
  return view === undefined ? 'CASE' : caseTitle(view);
}

function menuView(model: Model, screen: Extract<Screen, { kind: 'menu' }>): Body {
  const rows = composeKeys(model).map((key, at): Line => {
    const text = ` ${key.padEnd(5)} ${composeTitle(model.lexicon, key)} `;
    return at === screen.index ? [span('> ', 'selected'), span(text, 'selected')] : [span('  '), span(text)];
  });
  const shownCount = Math.max(1, bodyRows(model.size) - 2);
  const top = Math.max(0, screen.index - shownCount + 1);
  return {
    lines: [
      line('NEW MESSAGE – type its key or choose, then Enter', 'strong'),
      line(screen.typed),
      ...rows.slice(top, top + shownCount),
    ],
    cursor: { row: 2 + screen.index - top, column: 0 },
  };
}

function body(model: Model): Body {
  const screen = topOf(model);
  if (screen === undefined) return { lines: [], cursor: null };
  if (screen.kind === 'list') return { lines: listView(model, screen), cursor: null };
  if (screen.kind === 'menu') return menuView(model, screen);
  if (screen.kind === 'form') {
    const placed = formView(model, screen);
    return screen.waitingFor === null ? placed : { lines: placed.lines, cursor: null };
  }
  return readingView(model, screen);
}

/** What a window shows that is too small for anything to be done in it: why, and what must not be missed meanwhile. */
function tooSmall(model: Model, size: Size): Frame {
  const { columns } = size;
  const shown: readonly Line[] = [
    line(`Keys are off: make this window ${least.columns} by ${least.rows} or more.`, 'warn'),
    nextClock(model),
    alarmLine(model, columns),
    ...whySoSmall(model),
  ];
  return {
    lines: Array.from({ length: size.rows }, (_unused, row) => fitted(shown[row] ?? [], columns)),
    cursor: null,
  };
}

function whySoSmall(model: Model): readonly Line[] {
  const why = whyLine(model);
  return [line(why.text, why.tone), model.said === null ? [] : line(pictures(model.said.text), model.said.tone)];
}

/** The whole screen: exactly `size.rows` lines of exactly `size.columns` cells. */
export function present(model: Model, size: Size = model.size): Frame {
  const at = size === model.size ? model : { ...model, size };
  if (isTooSmall(size)) return tooSmall(at, size);
  const middle = body(at);
  const rows = bodyRows(size);
  const filled = Array.from({ length: rows }, (_unused, row) => fitted(middle.lines[row] ?? [], size.columns));
  const cursor =
    middle.cursor === null || middle.cursor.row >= rows
      ? null
      : { row: middle.cursor.row + 4, column: middle.cursor.column };
  const said = saidLines(at, size.columns);
  const seen = filled.slice(0, rows + 1 - said.length);
  return { lines: [...head(at, size.columns), ...seen, ...said, ...foot(at, size.columns)], cursor };
}
