/**
 * The second and third request of a case that nobody answered: drafted and held, with the copies that policy names; nothing
 * is sent by itself (DESIGN.md, section 4; policy.md, 7.1). Addresses come from the State table; a gap is shown, not filled.
 */
import { parseMessage } from '../../formats/language.ts';
import type { Change, Held } from '../change.ts';
import { fileDraft, layOut } from '../outbound/drafting.ts';
import type { Parts } from '../parts.ts';
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
export async function draftNextRequest(parts: Parts, change: Change, held: Held<CaseState>): Promise<boolean> {
  const asked = parseMessage((await textOfMessage(parts.ledger, held.state.questionId)) ?? '');
  if (!asked.ok) return false;
  const requestNumber = held.state.requestNumber + 1;
  const destinations = nextAddresses(parts.config, held.state.peerOri);
  const wish = {
    key: 'YQ',
    destinations,
    fields: { ...asked.message.fields, RNO: [String(requestNumber)] },
    ori: parts.config.agency.ori,
    terminalId: parts.config.upstream.terminalId,
    requester: 'system',
    caseId: held.id,
    requestNumber,
  };
  const laid = await layOut(parts, wish);
  if (!laid.ok) return false;
  await fileDraft(parts, change, wish, laid.draft);
  await change.apply(caseMachine, held.id, { event: { type: 'LAPSED', nextDrafted: true }, actor: 'system' });
  await change.apply(caseMachine, held.id, {
    event: { type: 'NEXT_DRAFTED', questionId: laid.draft.reference, requestNumber, addresses: destinations },
    actor: 'system',
  });
  return true;
}
