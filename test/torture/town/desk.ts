/** The COJ as a robot keeps it: an operator accepts, a supervisor releases over the shoulder, and cases are worked on. */
import type { ConsoleClient } from '../../../src/console/client.ts';
import type { CaseRow, MessageRow } from '../../../src/console/contract.ts';
import type { Credential } from '../../../src/practice/world.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { pass, type Round } from './crowd.ts';

/** Rows looked at in one turn. */
const rowsMax = 50;
const turnMs = 20;

export interface Desk {
  readonly coj: ConsoleClient;
  readonly supervisor: Credential;
  readonly random: SeededRandom;
}

/** Works until the round is over or the gateway is gone. A refusal is an answer like any other: somebody was quicker. */
export async function keepDesk(desk: Desk, round: Round): Promise<void> {
  const isUp = (): boolean => !round.isOver && desk.coj.state().state === 'up';
  const unlessRefused = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
  while (isUp()) {
    await unlessRefused(releaseOne(desk));
    if (isUp() && desk.random.below(3) === 0) await unlessRefused(workOnOne(desk));
    if (isUp() && desk.random.below(6) === 0) await unlessRefused(settleOne(desk));
    await pass(turnMs);
  }
}

function approverOf({ supervisor }: Desk): { readonly osn: string; readonly factor: string } {
  return { osn: supervisor.osn, factor: supervisor.password };
}

async function releaseOne(desk: Desk): Promise<void> {
  const { coj, random } = desk;
  const { rows } = await coj.call('list', { box: 'held', limit: rowsMax });
  if (rows.length === 0) return;
  const { id } = random.pick(rows);
  await coj.call('accept', { id });
  const { sha256, companions } = await coj.call('show', { id });
  const also = (companions ?? []).map((one) => ({ id: one.id, sha256: one.sha256 }));
  if (random.below(12) === 0) await coj.call('refuse', { id, reason: 'PRACTICE', approver: approverOf(desk) });
  else await coj.call('release', { id, sha256, approver: approverOf(desk), ...(also.length === 0 ? {} : { also }) });
}

/** Accepts the class of an answer, answers their request, or closes a case whose clock has stopped. */
async function workOnOne(desk: Desk): Promise<void> {
  const { coj, random } = desk;
  const { rows } = await coj.call('cases', { open: true, limit: rowsMax });
  if (rows.length === 0) return;
  const row = random.pick(rows);
  await (row.side === 'ask' ? workOnAsk(desk, row) : answerTheirs(desk, row));
}

async function workOnAsk({ coj }: Desk, row: CaseRow): Promise<void> {
  if (row.stoppedAtMs !== null) {
    await coj.call('close', { caseId: row.id, reason: 'NOBODY TAKEN' });
    return;
  }
  const { proposal } = await coj.call('case', { id: row.id });
  if (proposal === null) return;
  await coj.call('classify', { caseId: row.id, messageId: proposal.messageId, as: proposal.proposed });
}

async function answerTheirs({ coj, random }: Desk, row: CaseRow): Promise<void> {
  const as = random.pick(['not-confirmed', 'in-process'] as const);
  await coj.call('answer', { caseId: row.id, as, remarks: 'PRACTICE ANSWER' });
}

/** A message in doubt waits for a person's word, and gets one or the other. */
async function settleOne(desk: Desk): Promise<void> {
  const { coj, random } = desk;
  const { rows } = await coj.call('list', { box: 'sent', limit: rowsMax });
  const doubtful = rows.filter((row: MessageRow) => row.status === 'IN_DOUBT');
  if (doubtful.length === 0) return;
  const decision = random.pick(['send-again', 'arrived', 'give-up'] as const);
  const { id } = random.pick(doubtful);
  await coj.call('resolve', { id, decision, reason: 'PRACTICE', approver: approverOf(desk) });
}
