/** What people do with the log of criminal-history requests: read it, and enter to whom a history was passed on. */
import type { Gives, IiiRow, Takes } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { StateQuery, StoredEvent, StoredState, TokenKind } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import { type IiiState, iiiBytes, iiiMachine, iiiTokens } from './iii-log.ts';
import { namedText } from './message-text.ts';
import { sealedStatus } from './sealable.ts';

/** The log's rows that may be seen; those of a sealed subject are in no list. */
const seen = ['ASKED', 'DISSEMINATED'];

/** One identifier is looked for by its token, the first that was given; what else was given is compared in what it finds. */
function tokenIn(params: Takes<'iiiLog'>): { readonly kind: TokenKind; readonly value: string } | undefined {
  const { requestor, recipient, fbi, name } = params;
  if (fbi !== undefined) return { kind: 'FBI', value: fbi };
  if (name !== undefined) return { kind: 'NAM', value: name };
  if (requestor !== undefined) return { kind: 'ATN', value: requestor };
  return recipient === undefined ? undefined : { kind: 'RCP', value: recipient };
}

/** The log's rows that fit, the newest first. */
export async function iiiRows(parts: Parts, params: Takes<'iiiLog'>): Promise<readonly StoredState[]> {
  const { operator, agency, purpose, messageId, fromMs, untilMs, limit } = params;
  const token = tokenIn(params);
  const query: StateQuery = {
    stream: 'iii',
    status: seen,
    order: 'newest',
    limit,
    ...(operator === undefined ? {} : { osn: operator }),
    ...(agency === undefined ? {} : { ori: agency }),
    ...(purpose === undefined ? {} : { key: purpose }),
    ...(messageId === undefined ? {} : { parent: messageId }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(token === undefined ? {} : { token }),
  };
  return parts.ledger.states(query);
}

/** A row of the log with its names, which are decrypted for it. */
export async function iiiRowOf(parts: Parts, stored: StoredState): Promise<IiiRow> {
  const state = stored.body as IiiState;
  const events = await parts.ledger.history('iii', stored.id);
  const asked = await parts.ledger.history('iii', state.messageId);
  const text = (from: readonly StoredEvent[], name: string) => namedText(parts.ledger, from, name);
  const message = await parts.ledger.state('message', state.messageId);
  return {
    id: stored.id,
    kind: state.status === 'ASKED' ? 'asked' : 'disseminated',
    atMs: stored.createdAtMs,
    messageId: state.messageId,
    key: message?.key ?? '',
    operator: state.operator,
    requestor: (await text(asked, 'requestor')) ?? '',
    receivingAgency: state.receivingAgency,
    secondaryRecipient: (await text(events, 'recipient')) ?? '',
    purposeCode: state.purposeCode ?? '',
    subject: (await text(asked, 'subject')) ?? '',
    how: state.how ?? '',
    basis: (await text(events, 'basis')) ?? '',
    verifiedBy: (await text(events, 'verified')) ?? '',
    pages: state.pages,
  };
}

/** The rows of the log that belong to a message: its own, and each passing on of its answers. */
export async function iiiRowsOf(parts: Parts, messageId: string): Promise<IiiRow[]> {
  const rows = await parts.ledger.states({ stream: 'iii', parent: messageId, order: 'oldest', limit: 200 });
  return Promise.all(rows.map((row) => iiiRowOf(parts, row)));
}

/**
 * Enters that a history was passed on (CJISSECPOL CA-3: the release, to whom, how, for what, and how the person was known).
 * `messageId` is the request or any answer to it. Fault: NOT_FOUND when it is no request for a history.
 */
export async function disseminate(
  parts: Parts,
  osn: string,
  given: Takes<'disseminate'>,
): Promise<Gives<'disseminate'>> {
  const named = await parts.ledger.state('message', given.messageId);
  const questionId = named?.body['direction'] === 'in' ? named.body['questionId'] : given.messageId;
  const request = typeof questionId === 'string' ? await parts.ledger.state('iii', questionId) : undefined;
  if (named === undefined || request === undefined || request.status === sealedStatus) {
    throw new HitlineError('NOT_FOUND');
  }
  const id = parts.ids.next('d');
  const { name, agency, ori } = given.recipient;
  const recipient = [name, agency, ...(ori === undefined ? [] : [ori])].join('; ');
  const asked = await parts.ledger.history('iii', request.id);
  const subject = await namedText(parts.ledger, asked, 'subject');
  const state = await parts.change((change) =>
    change.apply(iiiMachine, id, {
      event: {
        type: 'DISSEMINATED',
        messageId: request.id,
        responseId: named.id === request.id ? null : named.id,
        receivingAgency: request.ori ?? '',
        purposeCode: given.purpose,
        how: given.how,
        pages: given.pages ?? null,
      },
      actor: osn,
      texts: iiiBytes({ recipient, reason: given.reason, basis: given.basis, verified: given.verifiedBy, subject }),
      tokens: iiiTokens({ recipient, subject }),
    }),
  );
  return { id, status: state.status };
}
