/** What the State and NCIC or III answer to a request, and what entries and changes do to the hot files. Pure. */
import type { Values } from '../formats/message.ts';
import { findHistories, findHistory, findLicences, findRegistrations } from './records/criminal-histories.ts';
import { type HotFile, hotFileNamed, hotFileWork, type RecordAction } from './records/files.ts';
import {
  changeRecord,
  enterRecord,
  findRecords,
  type HotRecord,
  purgeRecords,
  wouldFind,
} from './records/hot-records.ts';
import { noticeWords, rejectWords } from './replies.ts';
import { damage } from './reply-damage.ts';
import {
  acknowledgementLines,
  federalNoRecord,
  federalReply,
  hitBlock,
  hitLines,
  indexLines,
  licenceLines,
  rapSheetLines,
  registrationLines,
  rejectLines,
  stateNoRecord,
  stateReply,
} from './reply-text.ts';
import { historyKeys, type NcicRequest } from './requests.ts';
import type { AnswerChange } from './script.ts';
import {
  type About,
  type Delivery,
  drawChance,
  type Facts,
  firstMet,
  inquiriesMax,
  type Stepped,
  type SwitchEffect,
  type SwitchState,
} from './state.ts';

export interface NcicArrival {
  readonly request: NcicRequest;
  readonly linkId: string;
  readonly nowMs: number;
}

/** What a script's conditions look at in an NCIC request. */
export function ncicFacts(request: NcicRequest): Facts {
  return { key: request.key, from: request.ori, to: [], nics: request.fields['NIC'] ?? [] };
}

function later(delivery: Delivery, afterMs: number): SwitchEffect {
  return { type: 'later', afterMs, event: { type: 'due', delivery } };
}

function answerTo(arrival: NcicArrival, about: About, text: string): Delivery {
  const { request, linkId } = arrival;
  return { form: 'plain', about, key: request.key, to: request.ori, linkId, prefix: request.prefix, text };
}

/** A notice to somebody who asked nothing: the control data stay empty. */
function notice(to: string, lines: readonly string[], nic: string): Delivery {
  return { form: 'plain', about: 'notice', key: '$', to, prefix: '', nic, text: ['1L01', to, '', ...lines].join('\n') };
}

/** Takes records off the files whose time is over, or that a script names, and tells their owners: `$.P`. */
export function purge(state: SwitchState, which: { readonly nic?: string }, nowMs: number): Stepped {
  const { retention } = state.script;
  const { records, purged } = purgeRecords(state.records, { retention, ...which }, nowMs);
  if (purged.length === 0) return { state, effects: [] };
  const told = purged.map((record) => {
    const lines = [noticeWords.purged, ...hitBlock(record, state.script)];
    return later(notice(record.ori, lines, record.nic), 0);
  });
  return { state: { ...state, records }, effects: told };
}

function reject(state: SwitchState, arrival: NcicArrival, lines: readonly string[]): Stepped {
  const text = federalReply(arrival.request, arrival.request.control, lines);
  return { state, effects: [later(answerTo(arrival, 'reject', text), 0)] };
}

/** Tells the owner of a new record, and whoever asked about it before, that the two match: a delayed hit. */
function delayedHits(state: SwitchState, record: HotRecord, nowMs: number): readonly SwitchEffect[] {
  const sinceMs = nowMs - state.script.delayedHitHours * 3_600_000;
  const queries = hotFileNamed(record.file).query;
  return state.inquiries
    .filter((one) => one.atMs >= sinceMs && queries.includes(one.key) && wouldFind(record, one.fields))
    .flatMap((one) => [
      later(
        notice(record.ori, [`${noticeWords.delayedOwner} ${one.ori}`, ...hitBlock(record, state.script)], record.nic),
        0,
      ),
      later(
        notice(
          one.ori,
          [`${noticeWords.delayedInquirer} ${record.ori}`, ...hitBlock(record, state.script)],
          record.nic,
        ),
        0,
      ),
    ]);
}

function maintain(
  state: SwitchState,
  arrival: NcicArrival,
  work: { action: Exclude<RecordAction, 'query'>; file: HotFile },
): Stepped {
  const { request, nowMs } = arrival;
  const base = { file: work.file, ori: request.ori, fields: withoutNaming(request.fields), nowMs };
  const change =
    work.action === 'enter'
      ? enterRecord(state.records, { ...base, key: request.key })
      : changeRecord(state.records, { ...base, action: work.action });
  if (!change.ok) return reject(state, arrival, rejectLines(change.refusal, state.script));
  const { record } = change;
  const text = federalReply(request, request.control, acknowledgementLines(work.action, record));
  const effects = [later({ ...answerTo(arrival, 'acknowledgement', text), nic: record.nic }, 0)];
  if (work.action === 'enter') effects.push(...delayedHits(state, record, nowMs));
  if (work.action === 'locate' && record.ori !== request.ori) {
    const lines = [`${noticeWords.located} ${request.ori}`, ...hitBlock(record, state.script)];
    effects.push(later(notice(record.ori, lines, record.nic), 0));
  }
  return { state: { ...state, records: change.records }, effects };
}

/** ORI and MKE are part of the request line; where a source lists them as fields they are no data of the record. */
function withoutNaming(fields: Values): Values {
  return Object.fromEntries(Object.entries(fields).filter(([code]) => code !== 'ORI' && code !== 'MKE'));
}

/** What each of the two sources says to an inquiry, before the control data are put in. */
interface Answers {
  readonly state: readonly string[];
  readonly federal: readonly string[];
  readonly notices: readonly Delivery[];
}

function hotFileAnswers(state: SwitchState, request: NcicRequest, files: readonly HotFile[]): Answers {
  const found = findRecords(state.records, files, request.fields);
  const ours = found.filter((record) => record.ori.startsWith(state.script.state));
  const person = files.some((file) => ['wanted', 'missing', 'protection-order', 'identity-theft'].includes(file.name));
  const registrations = person ? [] : findRegistrations(state.registers, state.script.state, request.fields);
  const licences = person ? findLicences(state.registers, state.script.state, request.fields) : [];
  const dmv = [...registrationLines(registrations), ...licenceLines(licences)];
  const stateLines = [...(ours.length > 0 ? hitLines(ours, state.script) : stateNoRecord(request, person)), ...dmv];
  const notices = found
    .filter((record) => record.fields['NOA']?.[0] === 'Y' && record.ori !== request.ori && request.key.startsWith('Q'))
    .map((record) =>
      notice(record.ori, [`${noticeWords.delayedOwner} ${request.ori}`, ...hitBlock(record, state.script)], record.nic),
    );
  return {
    state: stateLines,
    federal: found.length > 0 ? hitLines(found, state.script) : federalNoRecord(request, person),
    notices,
  };
}

function historyAnswers(state: SwitchState, request: NcicRequest): Answers {
  const sheet = request.key === 'QR';
  const found = sheet
    ? [findHistory(state.registers, request.fields)].flatMap((one) => (one === undefined ? [] : [one]))
    : findHistories(state.registers, request.fields);
  const ours = found.filter((one) => one.sid.startsWith(state.script.state));
  const text = (held: typeof found): readonly string[] =>
    sheet ? rapSheetLines(request, held[0]) : indexLines(request, held);
  const stateLines = ours.length > 0 ? text(ours) : stateNoRecord(request, true);
  return { state: stateLines, federal: text(found), notices: [] };
}

function controlOf(state: SwitchState, request: NcicRequest, change: AnswerChange | undefined): string {
  if (change?.control === 'none') return '';
  if (change?.control === 'other') return 'OTHER0000000001';
  return change?.control === 'previous' ? state.previousControl : request.control;
}

/** Sends both answers, in the order that the script or the seeded chance says. */
function answerInquiry(state: SwitchState, arrival: NcicArrival, answers: Answers): Stepped {
  const { request } = arrival;
  const settings = state.script.answers;
  const changed = firstMet(state, settings.changes, { facts: ncicFacts(request), place: 'answers' });
  const change = changed.rule;
  const drawn = drawChance(changed.state);
  const order = change?.order ?? settings.order;
  const stateFirst = order === 'seeded' ? drawn.value < 0.5 : order === 'state-first';
  const control = controlOf(drawn.state, request, change);
  const sources = [
    {
      source: 'state',
      delivery: answerTo(arrival, 'state-answer', damage(stateReply(request, control, answers.state), change)),
    },
    {
      source: 'federal',
      delivery: answerTo(arrival, 'federal-answer', damage(federalReply(request, control, answers.federal), change)),
    },
  ];
  const effects: SwitchEffect[] = [];
  for (const [place, { source, delivery }] of (stateFirst ? sources : sources.toReversed()).entries()) {
    if (change?.missing === source || change?.missing === 'both') {
      effects.push({ type: 'note', code: 'ANSWER_WITHHELD', key: request.key });
      continue;
    }
    const afterMs = (place === 0 ? settings.firstAfterMs : settings.secondAfterMs) + (change?.lateMs ?? 0);
    for (let copy = 0; copy < (change?.copies ?? 1); copy += 1) effects.push(later(delivery, afterMs));
  }
  effects.push(...answers.notices.map((one) => later(one, 0)));
  return { state: { ...drawn.state, previousControl: request.control }, effects };
}

function remember(state: SwitchState, arrival: NcicArrival): SwitchState {
  const { request, nowMs } = arrival;
  if (!request.key.startsWith('Q')) return state;
  const past = { atMs: nowMs, ori: request.ori, key: request.key, fields: request.fields };
  return { ...state, inquiries: [...state.inquiries.slice(1 - inquiriesMax), past] };
}

/** The one key that asks the persons files and III at once. */
const combinedKey = 'QWI';

/** III's answer to a combined inquiry, which comes beside the two of the hot files. */
function historyBeside(state: SwitchState, arrival: NcicArrival): SwitchEffect {
  const request: NcicRequest = { ...arrival.request, family: 'iii' };
  const { federal } = historyAnswers(state, request);
  const delivery = answerTo(arrival, 'federal-answer', federalReply(request, request.control, federal));
  return later(delivery, state.script.answers.secondAfterMs);
}

/** Answers one NCIC or III request. */
export function answerNcic(state: SwitchState, arrival: NcicArrival): Stepped {
  const { request } = arrival;
  if (request.wrong) {
    return reject(state, arrival, [[rejectWords.field, ...request.wrongFields.slice(0, 1)].join(' ')]);
  }
  if (historyKeys.includes(request.key)) return answerInquiry(state, arrival, historyAnswers(state, request));
  const work = hotFileWork(request.key);
  const [file] = work?.files ?? [];
  if (work === undefined || file === undefined) return reject(state, arrival, [rejectWords.key]);
  if (work.action !== 'query') return maintain(state, arrival, { action: work.action, file });
  const answered = answerInquiry(state, arrival, hotFileAnswers(state, request, work.files));
  const effects = [...answered.effects, ...(request.key === combinedKey ? [historyBeside(state, arrival)] : [])];
  return { state: remember(answered.state, arrival), effects };
}
