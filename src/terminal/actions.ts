/** What each key does, once `keys.ts` has said which action it is. */
import type { MethodName, Takes } from '../console/contract.ts';
import { moveFocus, paneRows, scrollPane } from './form.ts';
import type { Action } from './keys.ts';
import { markedIndex, markedRow, markRow, messageAtHand, rowsOf } from './listing.ts';
import {
  andThen,
  ask,
  type Box,
  type FormScreen,
  type Model,
  only,
  type Purpose,
  type Screen,
  type Step,
  topOf,
  withTop,
} from './model.ts';
import { composeForm, composeKeys } from './screens/compose.ts';
import { formTitle, isKept, makeForm } from './screens/purposes.ts';
import { scrolled } from './screens/reading.ts';
import { submit } from './screens/submit.ts';
import { load, loadAll } from './store.ts';
import { asksForTelephone, isInQuarantine } from './words.ts';

const twiceMs = 3_000;
const breathMs = 300;

function say(model: Model, text: string, tone: 'good' | 'warn' | 'bad' = 'bad'): Step {
  return only({ ...model, said: { text, tone } });
}

/** True while a form is under way that would be lost. */
function hasWork(screen: Screen | undefined): boolean {
  return screen?.kind === 'form' && screen.dirty && isKept(screen.purpose);
}

/** Does `action` at the second press within three seconds; the first one says so. */
export function twice(model: Model, action: string, text: string): Step | undefined {
  if (model.armed?.action === action && model.nowMs <= model.armed.untilMs) return undefined;
  const armed = { action, untilMs: model.nowMs + twiceMs };
  return only({ ...model, armed, said: { text, tone: 'warn' } });
}

/** The stack to go on from: a form with work in it stays below, everything quick to redo goes. */
function ground(model: Model): Screen[] {
  return model.stack.filter(hasWork);
}

/** Says that a form lies below, since a list hides it. */
function keptWords(stack: readonly Screen[]): Model['said'] {
  const form = stack.findLast((one) => one.kind === 'form');
  return form === undefined ? null : { text: `${formTitle(form)}: kept as it is. Esc goes back to it.`, tone: 'good' };
}

function goToBox(model: Model, box: Box): Step {
  const stack: Screen[] = [...ground(model), { kind: 'list', box, selectedId: null, top: 0 }];
  const moved = { ...model, stack, said: keptWords(stack) };
  if (box === 'results') return only(moved);
  return load(moved, { what: box });
}

/** Puts a screen on top; one that is open further down is gone back to instead, so that the stack cannot grow for ever. */
function push(model: Model, screen: Screen): Model {
  const at = model.stack.findIndex(
    (one) => one.kind === screen.kind && 'id' in one && 'id' in screen && one.id === screen.id,
  );
  const between = at === -1 ? [] : model.stack.slice(at + 1);
  if (at !== -1 && !between.some(hasWork))
    return { ...model, stack: [...model.stack.slice(0, at), screen], said: null };
  return { ...model, stack: [...model.stack, screen], said: null };
}

function openForm(model: Model, purpose: Purpose): Step {
  return only(push(model, makeForm(model, purpose)));
}

function openMessage(model: Model, id: string, dialog: 'release' | 'refuse' | null = null): Step {
  return load(push(model, { kind: 'message', id, top: 0, opens: dialog }), { what: 'message', id });
}

function openCase(model: Model, id: string): Step {
  return load(push(model, { kind: 'case', id, top: 0 }), { what: 'case', id });
}

function act<M extends MethodName>(model: Model, method: M, params: Takes<M>): Step {
  if (model.link.state !== 'up') return say(model, 'Not connected to the gateway: nothing was sent.');
  const id = 'id' in params ? String(params.id) : '';
  const busy = Object.values(model.pending).some((one) => one.kind === 'act' && one.method === method && one.id === id);
  if (busy) return only(model);
  return ask({ ...model, said: null }, { kind: 'act', method, id, sinceMs: model.nowMs }, { method, params });
}

function open(model: Model): Step {
  const screen = topOf(model);
  if (screen?.kind === 'menu') {
    const keys = composeKeys(model);
    const key = keys[screen.index] ?? keys[0];
    // Whoever typed another key must not find himself in the form of the one that is marked.
    if (!key.startsWith(screen.typed)) {
      return say(
        withTop(model, { ...screen, typed: '' }),
        `${screen.typed}: no form for this key here. Choose one.`,
        'warn',
      );
    }
    return openCompose(model, key, screen.caseId);
  }
  const row = markedRow(model);
  if (row === undefined) return only(model);
  if (row.kind === 'message') return openMessage(model, row.id);
  if (row.kind === 'case') return openCase(model, row.id);
  if (row.row.caseId !== undefined) return openCase(model, row.row.caseId);
  if (row.row.messageId !== undefined) return openMessage(model, row.row.messageId);
  return say(model, 'This alarm is about no single message. i silences it.', 'warn');
}

/** Opens the form of a key in place of the menu. */
function openCompose(model: Model, key: string, caseId: string | null): Step {
  const view = caseId === null ? undefined : model.caseViews[caseId];
  const prefill = view === undefined ? undefined : { nic: view.nic, peerOri: view.peerOri };
  const form = composeForm(model.lexicon, key, { caseId, prefill });
  if (form === undefined) return say(model, 'This key has no form.');
  const stack = model.stack.filter((one) => one.kind !== 'menu');
  return only({ ...model, stack: [...stack, form], said: null });
}

function back(model: Model): Step {
  const screen = topOf(model);
  if (screen === undefined || model.stack.length <= 1) {
    if (screen?.kind === 'list' && screen.box === 'held') return only(model);
    if (screen?.kind === 'form' && screen.purpose.kind === 'logon') return only(model);
    if (!hasWork(screen)) return goToBox({ ...model, stack: [] }, 'held');
  }
  if (hasWork(screen)) {
    const first = twice(model, 'back', 'Esc once more throws this form away.');
    if (first !== undefined) return first;
    // Two presses in one breath are one: nobody has read the sentence between them.
    if ((model.armed?.untilMs ?? 0) - model.nowMs > twiceMs - breathMs)
      return say(model, 'Esc once more throws this form away.', 'warn');
  }
  const stack = model.stack.slice(0, -1);
  const rest = { ...model, stack, armed: null, said: null };
  return stack.length === 0 ? goToBox(rest, 'held') : only(rest);
}

function approve(model: Model, kind: 'release' | 'refuse'): Step {
  const row = messageAtHand(model);
  if (row === undefined) return only(model);
  if (row.status !== 'HELD') return say(model, `Nothing to ${kind}: this message is not held.`);
  if (kind === 'release' && row.operator === undefined) {
    return say(model, 'The operator at the COJ must accept it first: a.');
  }
  const screen = topOf(model);
  // From a list the message is opened first: nothing is released from one line of a list.
  if (screen?.kind !== 'message') return openMessage(model, row.id, kind);
  return openForm(model, { kind, id: row.id });
}

function onMessage(model: Model, kind: 'withdraw' | 'resolve' | 'link' | 'free' | 'disseminate'): Step {
  const row = messageAtHand(model);
  if (row === undefined) return only(model);
  if (kind === 'resolve' && row.status !== 'IN_DOUBT') return say(model, 'This message is not in doubt.');
  if (kind === 'link' && row.direction !== 'in') return say(model, 'Only what came in is linked.');
  if (kind === 'free' && !isInQuarantine(row)) return say(model, 'This message is not in quarantine.');
  if (kind === 'link' && isInQuarantine(row)) return say(model, 'It is in quarantine: free it first, f.');
  if (kind === 'withdraw' && row.direction !== 'out') return say(model, 'Only what is ours can be taken back.');
  return openForm(model, { kind, id: row.id });
}

function quick(model: Model, method: 'accept' | 'read'): Step {
  const row = messageAtHand(model);
  if (row === undefined) return only(model);
  if (method === 'accept' && row.status !== 'HELD') return say(model, 'Nothing to accept: this message is not held.');
  if (method === 'accept' && row.operator !== undefined) {
    return say(model, `Accepted already by ${row.operator}; a supervisor releases it: r.`, 'warn');
  }
  if (method === 'read' && row.direction !== 'in') return say(model, 'Only what came in is marked as read.');
  return act(model, method, { id: row.id });
}

function onCase(model: Model, kind: 'classify' | 'check' | 'answer' | 'close' | 'accept-class'): Step {
  const screen = topOf(model);
  const view = screen?.kind === 'case' ? model.caseViews[screen.id] : undefined;
  if (view === undefined) return only(model);
  if (view.status === 'closed') return say(model, 'This case is closed.');
  if (kind === 'accept-class' || kind === 'classify') {
    const messageId = view.proposal?.messageId ?? (kind === 'classify' ? lastAnswer(model, view.id) : undefined);
    if (messageId === undefined) return say(model, 'There is no answer to classify yet.');
    if (kind === 'accept-class' && view.proposal !== null) {
      if (view.proposal.proposed === 'time-named') return nameTime(model, view.id, messageId);
      return act(model, 'classify', { caseId: view.id, messageId, as: view.proposal.proposed });
    }
    const form = openForm(model, { kind: 'classify', caseId: view.id, messageId });
    return andThen(form, (now) => load(now, { what: 'message', id: messageId }));
  }
  if (kind !== 'close' && view.side === 'ask')
    return say(model, 'We asked in this case: they look at their document and answer.');
  const form = openForm(model, { kind, caseId: view.id });
  if (kind !== 'check') return form;
  // What they ask stands beside the document, so that the person can compare the two.
  const asked = view.messages.filter((row) => row.direction === 'in').slice(-3);
  return andThen(form, (now) =>
    loadAll(
      now,
      asked.map((row) => ({ what: 'message', id: row.id })),
    ),
  );
}

/** The gateway alone knows whether the telephone clock runs, so its form opens on every open case of ours. */
function telephone(model: Model): Step {
  const screen = topOf(model);
  const view = screen?.kind === 'case' ? model.caseViews[screen.id] : undefined;
  if (view === undefined) return only(model);
  if (view.status === 'closed') return say(model, 'This case is closed.');
  if (view.side === 'answer') return say(model, 'They asked in this case: answer them, y.');
  const form = openForm(model, { kind: 'contact', caseId: view.id });
  if (asksForTelephone(view)) return form;
  return say(form.model, 'This case does not say that a call is missing; the gateway may not take one.', 'warn');
}

/** Accepting that a time was named needs the time; the class is filled in. */
function nameTime(model: Model, caseId: string, messageId: string): Step {
  const form = makeForm(model, { kind: 'classify', caseId, messageId });
  const fields = form.fields.map((field) => (field.name === 'as' ? { ...field, value: 'time-named' } : field));
  return load(push(model, { ...form, fields, focus: 1 }), { what: 'message', id: messageId });
}

function lastAnswer(model: Model, caseId: string): string | undefined {
  return model.caseViews[caseId]?.messages.find((row) => row.direction === 'in')?.id;
}

function silence(model: Model): Step {
  const row = markedRow(model);
  if (row?.kind !== 'alarm') return say(model, 'Mark an alarm first: F6.', 'warn');
  return act(model, 'silence', { alarmId: row.id });
}

function goCase(model: Model): Step {
  const row = messageAtHand(model);
  const alarm = markedRow(model);
  const id = row?.caseId ?? (alarm?.kind === 'alarm' ? alarm.row.caseId : undefined);
  return id === undefined ? say(model, 'This belongs to no case.', 'warn') : openCase(model, id);
}

function moveMark(model: Model, by: number): Step {
  const screen = topOf(model);
  if (screen?.kind === 'list') {
    const rows = rowsOf(model, screen.box);
    return only(withTop(model, markRow(model, screen, markedIndex(screen, rows) + by)));
  }
  if (screen?.kind === 'menu') {
    const index = Math.max(0, Math.min(composeKeys(model).length - 1, screen.index + by));
    return only(withTop(model, { ...screen, index, typed: '' }));
  }
  if (screen?.kind === 'form') return only(withTop(model, scrollPane(screen, model.size, by)));
  return only(scrolled(model, by));
}

function newMessage(model: Model): Step {
  const screen = topOf(model);
  const caseId = screen?.kind === 'case' ? screen.id : null;
  return only(
    push(
      { ...model, stack: caseId === null ? ground(model) : model.stack },
      { kind: 'menu', index: 0, typed: '', caseId },
    ),
  );
}

function leave(model: Model, action: 'leave' | 'break'): Step {
  const key = action === 'leave' ? 'F10' : 'Ctrl-C';
  return (
    twice(model, action, `${key} once more leaves the screen. Clocks run on without it.`) ?? {
      model,
      effects: [{ type: 'leave' }],
    }
  );
}

function logOff(model: Model): Step {
  if (model.person === null) return say(model, 'Nobody is logged on.', 'warn');
  const first = twice(model, 'logoff', 'F12 once more logs you off; unfinished forms are thrown away.');
  if (first !== undefined) return first;
  return act({ ...model, armed: null }, 'logoff', {});
}

function page(model: Model): number {
  const screen = topOf(model);
  // Faults under the fields make the pane smaller; a page more than it shows would pass over lines unseen.
  return Math.max(1, screen?.kind === 'form' ? paneRows(screen, model.size) : model.size.rows - 10);
}

const table: Readonly<Record<Action, (model: Model) => Step>> = {
  help: (model) => (topOf(model)?.kind === 'help' ? back(model) : only(push(model, { kind: 'help', top: 0 }))),
  inbound: (model) => goToBox(model, 'inbound'),
  held: (model) => goToBox(model, 'held'),
  sent: (model) => goToBox(model, 'sent'),
  cases: (model) => goToBox(model, 'cases'),
  alarms: (model) => goToBox(model, 'alarms'),
  new: newMessage,
  search: (model) => openForm({ ...model, stack: ground(model) }, { kind: 'search' }),
  do: submit,
  leave: (model) => leave(model, 'leave'),
  break: (model) => leave(model, 'break'),
  logoff: logOff,
  back,
  open,
  up: (model) => moveMark(model, -1),
  down: (model) => moveMark(model, 1),
  'page-up': (model) => moveMark(model, -page(model)),
  'page-down': (model) => moveMark(model, page(model)),
  first: (model) => moveMark(model, -1_000_000),
  last: (model) => moveMark(model, 1_000_000),
  accept: (model) => quick(model, 'accept'),
  release: (model) => approve(model, 'release'),
  refuse: (model) => approve(model, 'refuse'),
  withdraw: (model) => onMessage(model, 'withdraw'),
  resolve: (model) => onMessage(model, 'resolve'),
  read: (model) => quick(model, 'read'),
  'go-case': goCase,
  link: (model) => onMessage(model, 'link'),
  free: (model) => onMessage(model, 'free'),
  disseminate: (model) => onMessage(model, 'disseminate'),
  silence,
  unlock: (model) => openForm(model, { kind: 'unlock' }),
  closed: (model) => load({ ...model, withClosed: !model.withClosed, said: null }, { what: 'cases' }),
  'accept-class': (model) => onCase(model, 'accept-class'),
  'correct-class': (model) => onCase(model, 'classify'),
  check: (model) => onCase(model, 'check'),
  contact: telephone,
  answer: (model) => onCase(model, 'answer'),
  close: (model) => onCase(model, 'close'),
  'next-field': (model) => onForm(model, (form) => moveFocus(form, 1)),
  'previous-field': (model) => onForm(model, (form) => moveFocus(form, -1)),
};

function onForm(model: Model, change: (form: FormScreen) => FormScreen): Step {
  const form = topOf(model);
  return only(form?.kind === 'form' ? withTop(model, change(form)) : model);
}

/** Does an action on the screen that is on top. */
export function perform(model: Model, action: Action): Step {
  return table[action](model);
}

/** Opens the message the person asked for by its number in a case, 1 to 9. */
export function openNth(model: Model, digit: number): Step {
  const screen = topOf(model);
  if (screen?.kind !== 'case') return only(model);
  const row = model.caseViews[screen.id]?.messages[digit - 1];
  return row === undefined ? only(model) : openMessage(model, row.id);
}
