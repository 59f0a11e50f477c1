/** The one function that changes what the screen knows. Pure: what must be done comes out as effects. */
import { openNth, perform } from './actions.ts';
import { editWith, focused, isOnLast, isTooSmall, scrollPane, typeInto, withoutSecrets } from './form.ts';
import { actionOf } from './keys.ts';
import { markedIndex, markRow, rowsOf } from './listing.ts';
import {
  andThen,
  type Event,
  type FaultLine,
  type FormScreen,
  type Key,
  type LinkView,
  type Model,
  only,
  type Pending,
  type Resource,
  type Screen,
  type Step,
  topOf,
  withTop,
} from './model.ts';
import { composeKeys, withPlaces } from './screens/compose.ts';
import { approvalPane, checkPane, isAsShown } from './screens/panes.ts';
import { isKept, makeForm } from './screens/purposes.ts';
import { scrolled } from './screens/reading.ts';
import { submit, submitFailed, submitted } from './screens/submit.ts';
import { freshen, hear, keep, load, loadAll, makeOld } from './store.ts';

/**
 * Status and alarms are asked for at least this often: the clocks follow the gateway's, and a log-on that the gateway has
 * ended shows, because only a person logged on is told of alarms.
 */
const statusEveryMs = 10_000;
/** While an urgent alarm is open the bell rings again this often. */
const bellEveryMs = 15_000;

/** What an event makes of the model, and what must be done about it. */
export function update(model: Model, event: Event): Step {
  const step = route(model, event);
  return { ...step, model: settle(step.model) };
}

function route(model: Model, event: Event): Step {
  switch (event.type) {
    case 'tick':
      return tick({ ...model, nowMs: Math.max(model.nowMs, event.nowMs) });
    case 'resize':
      return only(resized({ ...model, size: event.size }));
    case 'key':
      // What was said about the act before is gone with the next key.
      return press({ ...model, said: null }, event.key);
    case 'paste':
      return paste(model, event.text);
    case 'link':
      return relink(model, event.link);
    case 'said':
      return hear(model, event.notification);
    case 'answered':
      return answered(model, event.token, event.gives);
    case 'failed':
      return failed(model, event.token, event);
  }
}

/** Holds after every event: there is a log-on form while nobody is logged on, and a pane that is wholly shown counts as read. */
function settle(model: Model): Model {
  if (model.person === null && !model.stack.some((one) => one.kind === 'form' && one.purpose.kind === 'logon')) {
    return { ...model, stack: [...model.stack.map(lockedAway), makeForm(model, { kind: 'logon' })] };
  }
  const seen = seenNow(model);
  return seen === model.seenAlarms ? model : { ...model, seenAlarms: seen };
}

/** The alarms looked at so far: all of them in their list, and those of a case or message that is open on the screen. */
function seenNow(model: Model): readonly string[] {
  const top = topOf(model);
  const isSeen = (alarm: Model['alarms'][number]): boolean => {
    if (top?.kind === 'list') return top.box === 'alarms';
    if (top?.kind === 'case') return alarm.caseId === top.id;
    return top?.kind === 'message' && alarm.messageId === top.id;
  };
  const kept = model.alarms.filter((alarm) => model.seenAlarms.includes(alarm.id) || isSeen(alarm));
  const isSame = kept.length === model.seenAlarms.length && kept.every((one) => model.seenAlarms.includes(one.id));
  return isSame ? model.seenAlarms : kept.map((alarm) => alarm.id);
}

/** A screen as it is kept while nobody is logged on. */
function lockedAway(screen: Screen): Screen {
  return screen.kind === 'form' ? { ...withoutSecrets(screen), waitingFor: null } : screen;
}

function resized(model: Model): Model {
  const stack = model.stack.map((one): Screen => {
    if (one.kind === 'form') return scrollPane(one, model.size, 0);
    if (one.kind === 'list') return markRow(model, one, markedIndex(one, rowsOf(model, one.box)));
    return one;
  });
  return scrolled({ ...model, stack }, 0);
}

function tick(model: Model): Step {
  const armed = model.armed !== null && model.nowMs > model.armed.untilMs ? null : model.armed;
  const asked = model.nowMs - model.statusAtMs >= statusEveryMs;
  const fresh = asked
    ? loadAll({ ...model, armed, statusAtMs: model.nowMs }, [{ what: 'status' }, { what: 'alarms' }])
    : only({ ...model, armed });
  return andThen(andThen(fresh, freshen), ring);
}

/** Rings until the urgent alarms have been looked at; the banner says it too, since not every terminal has a bell. */
function ring(model: Model): Step {
  const urgent = model.alarms.some((alarm) => alarm.level === 'urgent' && !model.seenAlarms.includes(alarm.id));
  if (!urgent) return only({ ...model, nextBellMs: null });
  if (model.nextBellMs === null) return only({ ...model, nextBellMs: model.nowMs + bellEveryMs });
  if (model.nowMs < model.nextBellMs) return only(model);
  return { model: { ...model, nextBellMs: model.nowMs + bellEveryMs }, effects: [{ type: 'bell' }] };
}

const withoutLogon = new Set([
  'help',
  'leave',
  'break',
  'back',
  'do',
  'next-field',
  'previous-field',
  'page-up',
  'page-down',
  'up',
  'down',
  'first',
  'last',
]);

/** No message key is longer. */
const keyLettersMax = 5;

function press(model: Model, key: Key): Step {
  const screen = topOf(model);
  if (screen === undefined) return only(model);
  // What a person cannot see he must not do; leaving is always possible.
  if (isTooSmall(model.size) && !['leave', 'break'].includes(actionOf(key.name, screen.kind) ?? '')) return only(model);
  if (screen.kind === 'form') return pressInForm(model, screen, key);
  // Capitals act like small letters: Caps Lock is on at many a console.
  const name = key.name === 'char' ? (key.ch ?? '').toLowerCase() : key.name;
  if (screen.kind === 'menu' && key.name === 'char') return only(withTop(model, chooseKey(model, screen, name)));
  if (screen.kind === 'menu' && key.name === 'backspace') {
    return only(withTop(model, { ...screen, typed: screen.typed.slice(0, -1) }));
  }
  if (screen.kind === 'case' && /^[1-9]$/.test(name)) return openNth(model, Number(name));
  const action = actionOf(name, screen.kind);
  if (action === undefined) return only(model);
  if (model.person === null && !withoutLogon.has(action)) return only(model);
  return disarm(perform(model, action), model, action);
}

function pressInForm(model: Model, form: FormScreen, key: Key): Step {
  const action = key.name === 'char' ? undefined : actionOf(key.name, 'form');
  if (model.person === null && action !== undefined && !withoutLogon.has(action)) {
    return only({ ...model, said: { text: 'Log on first.', tone: 'bad' } });
  }
  if (key.name === 'enter' && isOnLast(form) && (form.purpose.kind === 'logon' || form.purpose.kind === 'search'))
    return submit(model);
  if (action !== undefined) return disarm(perform(model, action), model, action);
  if (form.waitingFor !== null) return only(model);
  const edited = key.name === 'char' ? typeInto(form, key.ch ?? '') : editWith(form, key.name);
  return only(edited === undefined ? model : { ...withTop(model, withPlaces(model.lexicon, edited)), armed: null });
}

/** Any other key in between takes back the first of two presses. */
function disarm(step: Step, before: Model, action: string): Step {
  const keeps = before.armed === null || before.armed.action === action;
  return keeps
    ? step
    : { ...step, model: { ...step.model, armed: step.model.armed === before.armed ? null : step.model.armed } };
}

/** Marks the first key that begins with what was typed. After a whole key, or more than any has, the next letter begins anew. */
function chooseKey(model: Model, screen: Extract<Screen, { kind: 'menu' }>, ch: string): Screen {
  const keys = composeKeys(model);
  const find = (typed: string): number => keys.findIndex((one) => one.startsWith(typed));
  const goesOn = (screen.typed + ch).toUpperCase();
  const isAnew = find(goesOn) === -1 && (keys.includes(screen.typed) || goesOn.length > keyLettersMax);
  const typed = isAnew ? ch.toUpperCase() : goesOn;
  const at = find(typed);
  return { ...screen, typed, index: at === -1 ? screen.index : at };
}

/** Pasted text goes into a field or nowhere: no key can come out of it. */
function paste(model: Model, text: string): Step {
  const form = topOf(model);
  if (isTooSmall(model.size)) return only(model);
  if (form?.kind !== 'form' || form.waitingFor !== null || focused(form) === undefined) {
    return only({
      ...model,
      said: {
        text: 'Nothing was done: several letters came at once, as a paste does, and here is no field. Press one key.',
        tone: 'warn',
      },
    });
  }
  return only(withTop(model, withPlaces(model.lexicon, typeInto(form, text.replace(/[\r\n\t]+$/u, '')))));
}

/** The link came or went. A lost link ends the session at the gateway, so the person logs on again. */
function relink(model: Model, link: LinkView): Step {
  if (link.state === 'up' || model.person === null) return only({ ...model, link });
  return only({
    ...model,
    link,
    person: null,
    lastOsn: model.person.osn,
    stack: model.stack.filter(isWorthKeeping),
    nextBellMs: null,
    said: { text: `You were logged off: ${link.reason}`, tone: 'bad' },
  });
}

function isWorthKeeping(screen: Screen): boolean {
  return screen.kind !== 'form' || isKept(screen.purpose);
}

function taken(model: Model, token: number): { readonly pending: Pending | undefined; readonly rest: Model } {
  const { [token]: pending, ...others } = model.pending;
  return { pending, rest: { ...model, pending: others } };
}

function answered(model: Model, token: number, gives: unknown): Step {
  const { pending, rest } = taken(model, token);
  if (pending === undefined) return only(model);
  if (pending.kind === 'submit') return submitted(rest, token, { purpose: pending.purpose, gives });
  if (pending.kind === 'act') return acted(rest, pending, gives);
  const kept = arrived(keep(rest, pending.resource, gives), pending.resource);
  return pending.again ? load(kept, pending.resource) : only(kept);
}

/** A message that has come may open a dialog, or replace the text in one: then it must be read again. */
function arrived(model: Model, resource: Resource): Model {
  if (resource.what !== 'message') return resized(model);
  const view = model.messages[resource.id];
  const top = topOf(model);
  if (view !== undefined && top?.kind === 'message' && top.id === resource.id && top.opens !== null) {
    const shown = withTop(model, { ...top, opens: null });
    return { ...shown, stack: [...shown.stack, makeForm(shown, { kind: top.opens, id: top.id })] };
  }
  if (view !== undefined && top?.kind === 'form' && top.purpose.kind === 'check') {
    const pane = { ...checkPane(model, top.purpose.caseId), top: top.pane?.top ?? 0 };
    return withTop(model, scrollPane({ ...top, pane }, model.size, 0));
  }
  if (view === undefined || top?.kind !== 'form' || !('id' in top.purpose || top.purpose.kind === 'classify'))
    return model;
  if (top.purpose.kind === 'classify' && top.pane === null) {
    const { pane } = makeForm(model, top.purpose);
    return withTop(model, scrollPane({ ...top, pane }, model.size, 0));
  }
  // Only the dialog's own message may replace its text: another one may be under way while the dialog is open.
  if (!('id' in top.purpose) || top.purpose.id !== resource.id) return model;
  if (top.pane?.sha256 == null || isAsShown(top.pane, view)) return model;
  const pane = approvalPane(view, top.purpose.kind === 'release');
  const form = scrollPane({ ...withoutSecrets(top), pane }, model.size, 0);
  return { ...withTop(model, form), said: { text: 'THE TEXT HAS CHANGED: read it again.', tone: 'bad' } };
}

const actWords: Readonly<Record<string, string>> = {
  accept: 'Accepted by you; a supervisor releases it: r.',
  read: 'Marked as read by you.',
  silence: 'Silenced.',
  classify: 'Class accepted.',
};

function acted(model: Model, pending: Extract<Pending, { kind: 'act' }>, gives: unknown): Step {
  if (pending.method === 'logoff') {
    return only({
      ...model,
      person: null,
      lastOsn: null,
      stack: [],
      messages: {},
      caseViews: {},
      inbound: [],
      held: [],
      sent: [],
      results: [],
      said: { text: 'Logged off.', tone: 'good' },
    });
  }
  const status = (gives as { status?: string }).status ?? '';
  const words = actWords[pending.method] ?? `Done: ${status}.`;
  const heard = hear({ ...model, said: { text: words, tone: 'good' } }, { name: 'changed', says: { what: 'message' } });
  return andThen(heard, (now) => loadAll(now, [{ what: 'alarms' }]));
}

function failed(
  model: Model,
  token: number,
  failure: { readonly code: string; readonly text: string; readonly faults: readonly FaultLine[] },
): Step {
  const { pending, rest } = taken(model, token);
  if (pending === undefined) return only(model);
  const known = failure.code === 'NOT_LOGGED_ON' && rest.person !== null ? loggedOut(rest) : rest;
  if (pending.kind === 'submit') return only(submitFailed(known, token, failure));
  if (pending.kind === 'load' && failure.code === 'TOO_MANY_CALLS') return makeOld(rest, [pending.resource]);
  const text = failureText(pending, failure);
  const said = text === '' ? known.said : { text, tone: 'bad' as const };
  const step = only({ ...known, said });
  // Somebody else was quicker, or the text moved on: what is shown is old.
  return pending.kind === 'act'
    ? andThen(step, (now) => hear(now, { name: 'changed', says: { what: 'message' } }))
    : step;
}

/** One sentence for a failure outside a form; none for a fetch that a lost link cut off, which the head shows already. */
function failureText(
  pending: Pending,
  failure: { readonly code: string; readonly text: string; readonly faults: readonly FaultLine[] },
): string {
  if (failure.code === 'NOT_LOGGED_ON') return 'The gateway has logged you off; log on again.';
  if (pending.kind === 'load' && failure.code === 'CONSOLE_LOST') return '';
  const more = failure.faults.map((fault) => fault.text).filter((text) => text !== failure.text);
  return [failure.text, ...more].join(' ');
}

function loggedOut(model: Model): Model {
  return { ...model, person: null, lastOsn: model.person?.osn ?? null, stack: model.stack.filter(isWorthKeeping) };
}
