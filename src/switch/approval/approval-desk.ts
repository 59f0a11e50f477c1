/**
 * The acts of approval: an operator at the COJ accepts, another person releases or refuses, either for reasons kept on
 * file. The rule of who may is in the message's own machine; here the moment, the deadlines and the words are filed.
 */
import { HitlineError } from '../../faults/fault.ts';
import { caseMachine } from '../cases/case.ts';
import { messageDropped } from '../cases/case-work.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { endHoldDeadlines } from '../outbound/drafting.ts';
import { outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';

/** Who does it, and over whose shoulder when it is not their own session. */
export interface Actor {
  readonly osn: string;
  readonly overShoulderOf?: string;
}

const reasonText = (reason: string) => ({ reason: Buffer.from(reason, 'utf8') });

/** The operator at the COJ takes a held message as the one who will transmit it, and its case as its owner. */
export async function acceptMessage(parts: Parts, id: string, actor: Actor): Promise<string> {
  return parts.change(async (change) => {
    const state = await change.apply(outboundMachine, id, { event: { type: 'ACCEPTED' }, actor: actor.osn });
    if (state.caseId !== null) {
      const held = await change.get(caseMachine, state.caseId);
      if (held?.state.status === 'open')
        await change.apply(caseMachine, held.id, { event: { type: 'OWNED' }, actor: actor.osn });
    }
    return state.status;
  });
}

/**
 * Releases the very text whose digest was shown. The state is folded from the events, so that an edited row opens nothing;
 * with the release the clock of its leaving starts.
 */
export async function releaseMessage(
  parts: Parts,
  id: string,
  release: { readonly actor: Actor; readonly sha256: string },
): Promise<string> {
  const { actor } = release;
  return parts.change(async (change) => {
    const held = await change.fold(outboundMachine, id);
    if (held === undefined) throw new HitlineError('NOT_FOUND');
    await change.apply(outboundMachine, id, {
      event: { type: 'RELEASED', sha256: release.sha256, overShoulderOf: actor.overShoulderOf ?? null },
      actor: actor.osn,
    });
    const state = await change.apply(outboundMachine, id, { event: { type: 'QUEUED' }, actor: 'system' });
    await callOff(change, id, ['approval', 'hold-expiry']);
    const { clocks } = parts.config;
    const limitMs = state.keyClass === 'confirm' ? clocks.releaseLimitConfirmMs : clocks.releaseLimitRecordMs;
    await arm(change, 'release-limit', {
      stream: 'message',
      id,
      caseId: state.caseId,
      dueAtMs: change.now.atMs + limitMs,
    });
    return state.status;
  });
}

/** Sends a held message back, with the reason. */
export async function refuseMessage(
  parts: Parts,
  id: string,
  refusal: { readonly actor: Actor; readonly reason: string },
): Promise<string> {
  return endUnsent(parts, id, { type: 'REFUSED', reasonGiven: true }, refusal);
}

/** Takes back a message that has not left. */
export async function withdrawMessage(
  parts: Parts,
  id: string,
  withdrawal: { readonly actor: Actor; readonly reason: string },
): Promise<string> {
  return endUnsent(parts, id, { type: 'WITHDRAWN' }, withdrawal);
}

async function endUnsent(
  parts: Parts,
  id: string,
  event: { readonly type: 'REFUSED'; readonly reasonGiven: boolean } | { readonly type: 'WITHDRAWN' },
  why: { readonly actor: Actor; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    const state = await change.apply(outboundMachine, id, {
      event,
      actor: why.actor.osn,
      texts: reasonText(why.reason),
    });
    await endHoldDeadlines(change, id);
    await messageDropped(parts, change, id, state);
    return state.status;
  });
}

/** A person's word on a message whose fate is unknown, or that the switch refused. */
export async function resolveMessage(
  parts: Parts,
  id: string,
  resolution: {
    readonly actor: Actor;
    readonly decision: 'send-again' | 'arrived' | 'give-up';
    readonly reason: string;
  },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await change.fold(outboundMachine, id);
    if (held === undefined) throw new HitlineError('NOT_FOUND');
    const state = await change.apply(outboundMachine, id, {
      event: { type: 'RESOLVED', decision: resolution.decision },
      actor: resolution.actor.osn,
      texts: reasonText(resolution.reason),
    });
    if (resolution.decision === 'give-up') await messageDropped(parts, change, id, state);
    return state.status;
  });
}
