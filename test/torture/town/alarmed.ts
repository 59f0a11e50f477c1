/** The alarm of a trouble, on every console within a second, and what was measured of it. */
import assert from 'node:assert/strict';
import { until } from '../../scenarios/gateway-process.ts';
import type { Stage } from '../../scenarios/stage.ts';
import type { LoadedGateway } from './loaded-gateway.ts';

/** The longest time from a trouble to its alarm on the last console. */
const alarmMsMax = 1_000;

/** Waits until every console has the alarm; gives how long after the trouble that was, in milliseconds. */
export async function alarmed(load: LoadedGateway, code: string, sinceMs: number): Promise<number> {
  const heardMs = await Promise.all(load.ears.map((ear) => ear.next(code, sinceMs)));
  const afterMs = Math.round(Math.max(...heardMs) - sinceMs);
  assert.ok(afterMs <= alarmMsMax, `the alarm ${code} was on every screen only after ${afterMs} ms`);
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
