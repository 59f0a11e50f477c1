/**
 * The log of criminal-history requests (III): every request for a history, and every passing on of one. Its four parties stand
 * apart (CJISSECPOL AU-3(1)): operator, receiving agency and purpose code as plain columns; requestor, secondary recipient and
 * subject encrypted. The row is filed in the unit of the request: no row, no request.
 */
import type { KeyTable } from '../../formats/key-table.ts';
import type { Message } from '../../formats/message.ts';
import type { Change, Machine, Stepped } from '../change.ts';
import type { Entry, JsonObject, TokenKind } from '../ledger/ledger.ts';
import { sealable } from './sealable.ts';

export interface IiiState extends JsonObject {
  readonly status: 'ASKED' | 'DISSEMINATED';
  readonly messageId: string;
  /** An OSN; for an inquiry of a station the station's id, because its line names no person. */
  readonly operator: string;
  readonly receivingAgency: string;
  /** Null when the key has none (ZI, ZRS). */
  readonly purposeCode: string | null;
  /** How it was passed on: `hand`, `mail` …; null for a request. */
  readonly how: string | null;
  readonly pages: number | null;
  readonly createdAtMs: number;
}

export type IiiEvent =
  | {
      readonly type: 'ASKED';
      readonly messageId: string;
      readonly operator: string;
      readonly receivingAgency: string;
      readonly purposeCode: string | null;
    }
  /** What was held left under the number of the operator who sent it. */
  | { readonly type: 'SENT_BY'; readonly operator: string }
  | {
      readonly type: 'DISSEMINATED';
      readonly messageId: string;
      /** The answer that was passed on, when it was named. */
      readonly responseId: string | null;
      readonly receivingAgency: string;
      readonly purposeCode: string | null;
      readonly how: string;
      readonly pages: number | null;
    };

type Context = Parameters<Machine<IiiState, IiiEvent>['step']>[2];

function step(state: IiiState | undefined, event: IiiEvent, { now, actor }: Context): Stepped<IiiState> {
  if (event.type === 'SENT_BY') {
    if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
    return { ok: true, state: { ...state, operator: event.operator }, effects: [] };
  }
  if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
  const { messageId, receivingAgency, purposeCode } = event;
  const same = { messageId, receivingAgency, purposeCode, createdAtMs: now.atMs };
  const made: IiiState =
    event.type === 'ASKED'
      ? { ...same, status: 'ASKED', operator: event.operator, how: null, pages: null }
      : { ...same, status: 'DISSEMINATED', operator: actor, how: event.how, pages: event.pages };
  return { ok: true, state: made, effects: [] };
}

/** The machine of the log. The row of a request has the id of its message. */
export const iiiMachine = sealable<IiiState, IiiEvent>({
  stream: 'iii',
  step,
  row: (state) => ({
    status: state.status,
    ...(state.purposeCode === null ? {} : { key: state.purposeCode }),
    ori: state.receivingAgency,
    osn: state.operator,
    parent: state.messageId,
    body: state,
  }),
});

/** The parties that are encrypted; a text that is empty is not kept. */
export interface IiiTexts {
  readonly requestor?: string | undefined;
  readonly recipient?: string | undefined;
  /** The identifiers the history was asked by, written as fields. */
  readonly subject?: string | undefined;
}

const subjectFields = ['NAM', 'DOB', 'FBI', 'SID'] as const;

/** Whom a message asks about, written as fields such as `NAM/SAMPLE, SAM.DOB/19900303`. */
function subjectOf(message: Pick<Message, 'fields'>): string {
  return subjectFields.flatMap((code) => (message.fields[code] ?? []).map((value) => `${code}/${value}`)).join('.');
}

/** What can be searched for in the log: subject, requestor, secondary recipient. At most six. */
export function iiiTokens(texts: IiiTexts): NonNullable<Entry['tokens']> {
  const found: { kind: TokenKind; value: string }[] = [];
  for (const part of (texts.subject ?? '').split('.')) {
    const [code, value] = [part.slice(0, 3), part.slice(4)];
    if (code === 'NAM') found.push({ kind: 'NAM', value }, { kind: 'NAM1', value });
    if (code === 'FBI') found.push({ kind: 'FBI', value });
  }
  const parties: { kind: TokenKind; value: string }[] = [];
  if (texts.requestor !== undefined) parties.push({ kind: 'ATN', value: texts.requestor });
  if (texts.recipient !== undefined) parties.push({ kind: 'RCP', value: nameIn(texts.recipient) });
  return [...found.slice(0, 6 - parties.length), ...parties];
}

/** The person in a recipient written as `NAME; AGENCY; ORI`. */
function nameIn(recipient: string): string {
  return recipient.split(';', 1)[0] ?? '';
}

/** The texts of a row as bytes to be encrypted. */
export function iiiBytes(texts: Readonly<Record<string, string | undefined>>): Readonly<Record<string, Uint8Array>> {
  const given = Object.entries(texts).filter((one): one is [string, string] => one[1] !== undefined && one[1] !== '');
  return Object.fromEntries(given.map(([name, text]) => [name, Buffer.from(text, 'utf8')]));
}

/** True for what the log is about: keys of the class `history`, and AQ, which asks a State for more of one. */
export function isIii(key: string, keyClass: string): boolean {
  return keyClass === 'history' || key === 'AQ';
}

/** True for what carries a history to another agency: our answers to its questions (IR FR CR AR). */
export function isIiiAnswer(table: Pick<KeyTable, 'family' | 'action'> | undefined): boolean {
  return table?.action === 'response' && table.family.endsWith('criminal-history');
}

/**
 * Files, in the unit that lets it leave, that a history goes to each address of an answer of ours: that is a passing on like
 * one by hand. What leaves once more leaves no second row.
 */
export async function fileIiiAnswer(
  change: Change,
  answer: { readonly messageId: string; readonly message: Message; readonly operator: string },
): Promise<void> {
  const { message, messageId, operator } = answer;
  const texts = { requestor: message.fields['ATN']?.[0], subject: subjectOf(message) };
  for (const [at, receivingAgency] of message.destinations.entries()) {
    const id = at === 0 ? messageId : `${messageId}.${at + 1}`;
    if ((await change.get(iiiMachine, id)) !== undefined) continue;
    const purposeCode = message.fields['PUR']?.[0] ?? null;
    await change.apply(iiiMachine, id, {
      event: {
        type: 'DISSEMINATED',
        messageId,
        responseId: messageId,
        receivingAgency,
        purposeCode,
        how: 'electronic',
        pages: null,
      },
      actor: operator,
      texts: iiiBytes(texts),
      tokens: iiiTokens(texts),
    });
  }
}

/** Files the row of a request in the unit that drafts it. */
export async function fileIiiRequest(
  change: Change,
  request: { readonly messageId: string; readonly message: Message; readonly requester: string },
): Promise<void> {
  const { message, messageId, requester } = request;
  const texts = { requestor: message.fields['ATN']?.[0], subject: subjectOf(message) };
  await change.begin(iiiMachine, messageId, {
    event: {
      type: 'ASKED',
      messageId,
      operator: requester,
      receivingAgency: message.ori,
      purposeCode: message.fields['PUR']?.[0] ?? null,
    },
    actor: requester,
    texts: iiiBytes(texts),
    tokens: iiiTokens(texts),
  });
}
