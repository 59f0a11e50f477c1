/** F9: checks a form as far as a screen can, makes its call, and takes its answer. */
import type { Gives, MethodName, Takes } from '../../console/contract.ts';
import { showFaults, shownFields, typedIn, withoutSecrets } from '../form.ts';
import {
  andThen,
  ask,
  type FaultLine,
  type FormScreen,
  gatewayNowMs,
  type Model,
  only,
  type Purpose,
  type Resource,
  type Said,
  type Step,
  topOf,
  withTop,
} from '../model.ts';
import { loadAll, loadEverything } from '../store.ts';
import { readMoment } from '../words.ts';
import { draftOf } from './compose.ts';

type Call = { readonly [M in MethodName]: { readonly method: M; readonly params: Takes<M> } }[MethodName];
interface LocalFault {
  readonly field: string;
  readonly text: string;
}

/**
 * What must be filled in and is not. A message's own form is left to the gateway, whose builder knows which rules are
 * sure and which only warn, and answers with everything at once.
 */
function missingFaults(form: FormScreen): LocalFault[] {
  if (form.purpose.kind === 'compose') return [];
  const empty = shownFields(form).filter((field) => field.must && typedIn(form, field.name) === '');
  return empty.map((field) => ({ field: field.name, text: 'Must be filled in.' }));
}

/** A typed moment in milliseconds; faults for one that is none. Empty gives undefined. */
function momentIn(model: Model, form: FormScreen, faults: LocalFault[]): (name: string) => number | undefined {
  return (name) => {
    const text = typedIn(form, name);
    if (text === '') return undefined;
    const atMs = readMoment(model.face, text, gatewayNowMs(model) ?? 0);
    if (atMs === undefined) faults.push({ field: name, text: 'Write it as YYYY-MM-DD HH:MM, or HH:MM for today.' });
    return atMs;
  };
}

function shoulderOf(form: FormScreen): { approver?: { osn: string; factor: string } } {
  const osn = typedIn(form, 'osn');
  const factor = typedIn(form, 'factor');
  return osn === '' && factor === '' ? {} : { approver: { osn, factor } };
}

function given(name: string, value: string | number | undefined): Record<string, string | number> {
  return value === undefined || value === '' ? {} : { [name]: value };
}

function messageCall(form: FormScreen, purpose: Purpose): Call | undefined {
  const text = (name: string): string => typedIn(form, name);
  switch (purpose.kind) {
    case 'logon':
      return { method: 'logon', params: { osn: text('osn'), password: text('password') } };
    case 'release': {
      const shown = { id: purpose.id, sha256: form.pane?.sha256 ?? '' };
      const also = form.pane === null || form.pane.also.length === 0 ? {} : { also: [...form.pane.also] };
      return { method: 'release', params: { ...shown, ...also, ...shoulderOf(form) } };
    }
    case 'refuse':
      return { method: 'refuse', params: { id: purpose.id, reason: text('reason'), ...shoulderOf(form) } };
    case 'withdraw':
      return { method: 'withdraw', params: { id: purpose.id, reason: text('reason') } };
    case 'resolve': {
      const decision = text('decision') as Takes<'resolve'>['decision'];
      return { method: 'resolve', params: { id: purpose.id, decision, reason: text('reason'), ...shoulderOf(form) } };
    }
    case 'link':
      return { method: 'link', params: { caseId: text('caseId'), messageId: purpose.id } };
    case 'free':
      return { method: 'free', params: { id: purpose.id, belongs: text('belongs') === 'yes', reason: text('reason') } };
    case 'unlock': {
      const { approver: custodian } = shoulderOf(form);
      const unlocked = { osn: text('locked'), consoleId: text('consoleId'), reason: text('reason') };
      return { method: 'unlock', params: { ...unlocked, ...(custodian === undefined ? {} : { custodian }) } };
    }
    case 'close':
      return { method: 'close', params: { caseId: purpose.caseId, reason: text('reason') } };
    case 'compose': {
      const caseId = purpose.caseId === null ? {} : { caseId: purpose.caseId };
      return { method: 'draft', params: { key: purpose.key, ...draftOf(form), ...caseId } };
    }
    default:
      return undefined;
  }
}

function disseminationOf(form: FormScreen, messageId: string, faults: LocalFault[]): Takes<'disseminate'> {
  const text = (name: string): string => typedIn(form, name);
  const [ori, pages] = [text('ori'), text('pages')];
  if (ori !== '' && ori.length !== 9) faults.push({ field: 'ori', text: 'Nine characters, or nothing.' });
  if (pages !== '' && !/^[1-9]\d*$/.test(pages)) faults.push({ field: 'pages', text: 'A whole number.' });
  return {
    messageId,
    recipient: { name: text('name'), agency: text('agency'), ...(ori === '' ? {} : { ori }) },
    how: text('how') as Takes<'disseminate'>['how'],
    purpose: text('purpose'),
    basis: text('basis'),
    verifiedBy: text('verifiedBy'),
    ...(pages === '' ? {} : { pages: Number(pages) }),
    reason: text('reason'),
  };
}

function caseCall(model: Model, form: FormScreen, faults: LocalFault[]): Call | undefined {
  const text = (name: string): string => typedIn(form, name);
  const moment = momentIn(model, form, faults);
  const purpose = form.purpose;
  switch (purpose.kind) {
    case 'classify': {
      const as = text('as') as Takes<'classify'>['as'];
      const untilMs = moment('untilMs');
      if (as === 'time-named' && text('untilMs') === '')
        faults.push({ field: 'untilMs', text: 'Which time did they name?' });
      return {
        method: 'classify',
        params: {
          caseId: purpose.caseId,
          messageId: purpose.messageId,
          as,
          ...(untilMs === undefined ? {} : { untilMs }),
        },
      };
    }
    case 'check': {
      const lookedAtMs = moment('lookedAtMs') ?? 0;
      const check = {
        documentNumber: text('documentNumber'),
        lookedBy: text('lookedBy'),
        lookedAtMs,
        identityAgrees: text('identityAgrees') === 'yes',
        stillOutstanding: text('stillOutstanding') === 'yes',
        terms: text('terms'),
      };
      return { method: 'check', params: { caseId: purpose.caseId, check } };
    }
    case 'contact': {
      const contact = { who: text('who'), number: text('number'), atMs: moment('atMs') ?? 0, said: text('said') };
      return { method: 'contact', params: { caseId: purpose.caseId, contact } };
    }
    case 'answer': {
      const hours = text('hoursToConfirm');
      if (hours !== '' && !/^[1-9]\d?$/.test(hours))
        faults.push({ field: 'hoursToConfirm', text: 'A whole number from 1 to 99.' });
      const as = text('as') as Takes<'answer'>['as'];
      if (as === 'time-named' && hours === '')
        faults.push({ field: 'hoursToConfirm', text: 'How many hours will it take?' });
      const hoursToConfirm = hours === '' ? {} : { hoursToConfirm: Number(hours) };
      return { method: 'answer', params: { caseId: purpose.caseId, as, remarks: text('remarks'), ...hoursToConfirm } };
    }
    case 'disseminate':
      return { method: 'disseminate', params: disseminationOf(form, purpose.id, faults) };
    case 'search': {
      const words = ['key', 'ori', 'osn', 'nic', 'name'].map((name) => given(name, text(name)));
      const times = ['fromMs', 'untilMs'].map((name) => given(name, moment(name)));
      return { method: 'search', params: Object.assign({ limit: 200 }, ...words, ...times) };
    }
    default:
      return undefined;
  }
}

function refuseHere(model: Model, text: string): Step {
  return only({ ...model, said: { text, tone: 'bad' } });
}

/** Does what the form on top is for, or says all at once why it cannot. */
export function submit(model: Model): Step {
  const form = topOf(model);
  if (form?.kind !== 'form') return only(model);
  if (form.waitingFor !== null) return refuseHere(model, 'Wait: the gateway has not answered yet.');
  if (model.link.state !== 'up') return refuseHere(model, 'Not connected to the gateway: nothing was sent.');
  if (form.pane?.mustRead === true && !form.pane.wasRead) {
    return refuseHere(
      model,
      `NOT RELEASED. Read ${form.pane.also.length === 0 ? 'the text to its end' : 'every text to the end'} first: PgDn.`,
    );
  }
  const faults = missingFaults(form);
  const call = messageCall(form, form.purpose) ?? caseCall(model, form, faults);
  if (faults.length > 0) {
    const text = faults.length === 1 ? 'One field must be mended.' : `${faults.length} fields must be mended.`;
    return refuseHere(withTop(model, showFaults(form, faults)), text);
  }
  if (call === undefined) return only(model);
  const asked = ask(
    model,
    { kind: 'submit', purpose: form.purpose, sinceMs: model.nowMs },
    call as { method: 'logon'; params: Takes<'logon'> },
  );
  const waiting = { ...showFaults(form, []), focus: form.focus, waitingFor: asked.token };
  return { model: { ...withTop(asked.model, waiting), said: null }, effects: asked.effects };
}

/** Closes the form that waits for this call, wherever in the stack it is. */
function withoutForm(model: Model, token: number): Model {
  return { ...model, stack: model.stack.filter((one) => one.kind !== 'form' || one.waitingFor !== token) };
}

function changeForm(model: Model, token: number, change: (form: FormScreen) => FormScreen): Model {
  return {
    ...model,
    stack: model.stack.map((one) => (one.kind === 'form' && one.waitingFor === token ? change(one) : one)),
  };
}

/** What an act was about is read again from its beginning, where its state stands. */
function toTop(model: Model): Model {
  const top = topOf(model);
  return top?.kind === 'case' || top?.kind === 'message' ? withTop(model, { ...top, top: 0 }) : model;
}

const doneWords: Partial<Record<Purpose['kind'], string>> = {
  release: 'RELEASED',
  refuse: 'Refused; nothing left',
  withdraw: 'Taken back',
  resolve: 'Decided',
  link: 'Linked',
  free: 'Freed',
  disseminate: 'Entered',
  classify: 'Class recorded',
  check: 'Source check recorded',
  contact: 'Telephone call recorded',
  close: 'Case closed',
  unlock: 'Unlocked',
};

function touched(purpose: Purpose): Resource[] {
  const lists: Resource[] = (['status', 'inbound', 'held', 'sent', 'cases'] as const).map((what) => ({ what }));
  const message: Resource[] = 'id' in purpose ? [{ what: 'message', id: purpose.id }] : [];
  const case_: Resource[] =
    'caseId' in purpose && purpose.caseId !== null ? [{ what: 'case', id: purpose.caseId }] : [];
  return [...lists, ...message, ...case_];
}

function loggedOn(model: Model, token: number, person: Gives<'logon'>): Step {
  const same = model.lastOsn === null || model.lastOsn === person.osn;
  const kept = same ? withoutForm(model, token).stack : [];
  const stack = kept.length > 0 ? kept : [{ kind: 'list', box: 'held', selectedId: null, top: 0 } as const];
  const said: Said = { text: `${person.name} is logged on.`, tone: 'good' };
  // What another person saw is not shown to this one before the gateway has said that it may be.
  const seen = same ? {} : { inbound: [], held: [], sent: [], results: [], messages: {}, caseViews: {} };
  return loadEverything({ ...model, ...seen, person, lastOsn: person.osn, stack, said });
}

function drafted(model: Model, token: number, gives: Gives<'draft'>): Step {
  if (gives.id === null) {
    const count = gives.faults.length;
    const said: Said = {
      text: `NOT DRAFTED: ${count} ${count === 1 ? 'fault' : 'faults'}, shown at the fields.`,
      tone: 'bad',
    };
    return only({
      ...changeForm(model, token, (form) => ({ ...showFaults(form, gives.faults), waitingFor: null })),
      said,
    });
  }
  const warned = gives.warnings.length === 0 ? '' : ` Warnings: ${gives.warnings.map((one) => one.text).join(' ')}`;
  const said: Said = {
    text: `Drafted: ${gives.status}.${warned}`,
    tone: gives.warnings.length === 0 ? 'good' : 'warn',
  };
  const closed = withoutForm(model, token);
  const shown = {
    ...closed,
    said,
    stack: [...closed.stack, { kind: 'message', id: gives.id, top: 0, opens: null } as const],
  };
  return loadAll(shown, [
    { what: 'message', id: gives.id },
    { what: 'held' },
    { what: 'sent' },
    { what: 'status' },
    { what: 'cases' },
  ]);
}

/** Takes the answer of a form's call. */
export function submitted(
  model: Model,
  token: number,
  answer: { readonly purpose: Purpose; readonly gives: unknown },
): Step {
  const { purpose, gives } = answer;
  switch (purpose.kind) {
    case 'logon':
      return loggedOn(model, token, gives as Gives<'logon'>);
    case 'compose':
    case 'answer': {
      const step = drafted(model, token, gives as Gives<'draft'>);
      const caseId = purpose.caseId;
      return caseId === null ? step : andThen(step, (now) => loadAll(now, [{ what: 'case', id: caseId }]));
    }
    case 'search': {
      const { rows, sealed = [] } = gives as Gives<'search'>;
      const count = rows.length === 1 ? 'One message found.' : `${rows.length} messages found.`;
      // Only a custodian is ever told.
      const orders = sealed.map((one) => one.order).join(', ');
      const said: Said = {
        text: sealed.length === 0 ? count : `${count} SEALED by ${orders}: F8 by key and date shows it to you.`,
        tone: rows.length === 0 || sealed.length > 0 ? 'warn' : 'good',
      };
      const freed = changeForm({ ...model, results: rows, said }, token, (form) => ({
        ...form,
        waitingFor: null,
        dirty: false,
      }));
      if (rows.length === 0) return only(freed);
      return only({ ...freed, stack: [...freed.stack, { kind: 'list', box: 'results', selectedId: null, top: 0 }] });
    }
    default: {
      const said: Said = {
        text: `${doneWords[purpose.kind] ?? 'Done'}: ${(gives as { status: string }).status}.`,
        tone: 'good',
      };
      return loadAll({ ...toTop(withoutForm(model, token)), said }, touched(purpose));
    }
  }
}

/** Takes the failure of a form's call: everything wrong at once, secrets emptied, the rest kept. */
export function submitFailed(
  model: Model,
  token: number,
  failure: { readonly text: string; readonly faults: readonly FaultLine[] },
): Model {
  const said: Said = { text: failure.text, tone: 'bad' };
  return {
    ...changeForm(model, token, (form) => ({
      ...withoutSecrets(
        showFaults(
          form,
          failure.faults.filter((one) => one.text !== failure.text),
        ),
      ),
      waitingFor: null,
    })),
    said,
  };
}
