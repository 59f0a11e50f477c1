/** The alarm of a trouble, on every console within a second, and what was measured of it. */
import assert from 'node:assert/strict';
import { until } from '../../scenarios/gateway-process.ts';
import type { Stage } from '../../scenarios/stage.ts';
import type { LoadedGateway } from './loaded-gateway.ts';

/** The longest time from a trouble to its alarm on the last console. */
const alarmMsMax = 1_000;

/** When something happened, and how long this machine had kept somebody waiting until then. */
export interface Moment {
  readonly atMs: number;
  readonly heldUpMs: number;
}

export function momentOf(load: LoadedGateway): Moment {
  return { atMs: performance.now(), heldUpMs: load.machine.totalMs() };
}

/**
 * Waits until every console has the alarm; gives how long after the trouble that was, in milliseconds. Of a machine that
 * keeps every thread waiting no more is asked than it lets anybody do. `from` is when an alarm counts that was quicker.
 */
export async function alarmed(
  load: LoadedGateway,
  code: string,
  { since, from = since }: { readonly since: Moment; readonly from?: Moment },
): Promise<number> {
  const heardMs = await Promise.all(load.ears.map((ear) => ear.next(code, from.atMs)));
  const afterMs = Math.round(Math.max(0, Math.max(...heardMs) - since.atMs));
  const heldUpMs = Math.round(load.machine.totalMs() - since.heldUpMs);
  const said = `the alarm ${code} was on every screen only after ${afterMs} ms, on a machine that kept somebody waiting for ${heldUpMs} ms of them`;
  assert.ok(afterMs <= alarmMsMax + heldUpMs, said);
  return afterMs;
}

/** The gateway trusts its ledger. */
export async function healed(stage: Stage): Promise<void> {
  const coj = await stage.coj();
  await until('the ledger is trusted', async () =>
    (await coj.call('status', {})).notices.join().includes('LEDGER FAILED') ? undefined : true,
  );
}

/** What a case measured, in one line. */
export function figures(what: string, afterMs: readonly number[], load: LoadedGateway): string {
  return `${what}: alarm on every screen after ${afterMs.join(', ')} ms; a console waited ${load.longestWaitMs} ms at most; ${load.summary}`;
}
