/**
 * The second and third request of a case that nobody answered: drafted and held, with the copies that policy names; nothing
 * is sent by itself (DESIGN.md, section 4; policy.md, 7.1). Addresses come from the State table; a gap is shown, not filled.
 */
import { raise } from '../alarms/alarm.ts';
import type { Held } from '../change.ts';
import { fileDraft, layOut, type Wish } from '../outbound/drafting.ts';
import type { Parts, Work } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { type CaseState, caseMachine } from './case.ts';

/** Nlets takes three addresses (nlets.md, 1.4). */
const addressesMax = 3;

/**
 * Who is asked by request 2 and 3: the entering agency, our State's control terminal and theirs, once if equal. A State
 * without a control terminal in the table is left out; the drafted message shows the gap by its missing address.
 */
export function nextAddresses(config: Parts['config'], peerOri: string): readonly string[] {
  const table = config.confirmation.controlTerminals;
  const ours = table[config.agency.state] ?? config.agency.controlTerminalOri;
  const theirs = table[peerOri.slice(0, 2)];
  const all = [peerOri, ours, theirs].filter((one): one is string => one !== undefined);
  return [...new Set(all)].slice(0, addressesMax);
}

/** Drafts and holds the next request of a case, in the change in which it lapsed. False when it cannot be drafted. */
export async function draftNextRequest({ parts, change }: Work, held: Held<CaseState>): Promise<boolean> {
  const requestNumber = held.state.requestNumber + 1;
  const addresses = nextAddresses(parts.config, held.state.peerOri);
  const reference = await draftAgain({ parts, change }, held, { requestNumber, addresses });
  if (reference === undefined) return false;
  await change.apply(caseMachine, held.id, { event: { type: 'LAPSED', nextDrafted: true }, actor: 'system' });
  await change.apply(caseMachine, held.id, {
    event: { type: 'NEXT_DRAFTED', questionId: reference, requestNumber, addresses },
    actor: 'system',
  });
  if (requestNumber === 3) await draftQualityNote({ parts, change }, held, { reference, addresses });
  return true;
}

/**
 * Drafts and holds the question of a case once more, under a new reference: a further request, the same one after an ER
 * that says its form was wrong, or one that documents a telephone contact. Gives the reference, if it can be drafted.
 */
export async function draftAgain(
  { parts, change }: Work,
  held: Held<CaseState>,
  as: { readonly requestNumber: number; readonly addresses: readonly string[]; readonly remarks?: string },
): Promise<string | undefined> {
  const asked = parts.language.parse((await textOfMessage(parts.ledger, held.state.questionId)) ?? '');
  if (!asked.ok) return undefined;
  const wish: Wish = {
    key: 'YQ',
    destinations: as.addresses,
    fields: {
      ...asked.message.fields,
      RNO: [String(as.requestNumber)],
      ...(as.remarks === undefined ? {} : { REM: [as.remarks] }),
    },
    ori: parts.config.agency.ori,
    terminalId: parts.config.upstream.terminalId,
    requester: 'system',
    caseId: held.id,
    requestNumber: as.requestNumber,
  };
  const laid = await layOut(parts, wish);
  if (!laid.ok) return undefined;
  await fileDraft({ parts, change }, wish, laid.draft);
  return laid.draft.reference;
}

/** With request 3 goes a message to NCIC Quality Control that quotes the case (policy.md, 7.1), approved in the same act. */
async function draftQualityNote(
  { parts, change }: Work,
  held: Held<CaseState>,
  third: { readonly reference: string; readonly addresses: readonly string[] },
): Promise<void> {
  const { ncicQualityControlOri } = parts.config.confirmation;
  const gap = (): Promise<void> =>
    raise(change, 'QUALITY_CONTROL_UNKNOWN', {
      alarmId: parts.ids.next('a'),
      messageId: third.reference,
      caseId: held.id,
    });
  if (ncicQualityControlOri === undefined) return gap();
  const { peerOri, nic } = held.state;
  const wish: Wish = {
    key: 'AM',
    destinations: [ncicQualityControlOri],
    fields: {},
    text: [
      `AGENCY ${peerOri} HAS NOT ANSWERED TWO HIT CONFIRMATION REQUESTS ON RECORD ${nic}.`,
      `REQUEST 3 UNDER REFERENCE ${third.reference} WAS SENT TO ${third.addresses.join(' ')}.`,
      `${parts.config.agency.name.toUpperCase()} ${parts.config.agency.ori} ASKS THAT THE RECORD BE REVIEWED.`,
    ].join('\n'),
    ori: parts.config.agency.ori,
    terminalId: parts.config.upstream.terminalId,
    requester: 'system',
    caseId: held.id,
    companionOf: third.reference,
  };
  const laid = await layOut(parts, wish);
  if (!laid.ok) return gap();
  await fileDraft({ parts, change }, wish, laid.draft);
}

/** A request of the case that has not left, such as one that a person sends once more: it comes first, and no other is drafted. */
export async function requestWaits({ ledger }: Parts, caseId: string): Promise<boolean> {
  const status = ['HELD', 'QUEUED'];
  return (await ledger.states({ stream: 'message', parent: caseId, key: 'YQ', status, limit: 1 })).length > 0;
}
