/** Runs the rules of a profile as a client against somebody's switch or gateway. */
import { HitlineError } from '../../faults/fault.ts';
import { BareClient, type BareClientOptions } from './bare-client.ts';
import type { Check } from './check.ts';
import { checks } from './checks.ts';

export interface ConformOptions extends BareClientOptions {
  readonly payload: Buffer;
  /** How long an answer may take; 10 s unless set. */
  readonly answerMs?: number;
  /** How long it is watched for what must not come; 300 ms unless set. */
  readonly quietMs?: number;
  /** Run the checks too that wait for minutes. */
  readonly slow?: boolean;
  /** Waited between two connections: 30 s towards anybody's real switch (wire.md 4.3). */
  readonly pauseMs: number;
  /** Called after each check. */
  readonly onResult?: (result: CheckResult) => void;
}

export interface CheckResult {
  readonly rule: string;
  readonly source: string;
  readonly describe: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  /** What went wrong, or why it was not judged, one sentence. */
  readonly detail?: string;
}

export interface ConformReport {
  readonly ok: boolean;
  readonly results: readonly CheckResult[];
}

/** Every check of the profile, each on a connection of its own. Throws only when the address cannot be used at all. */
export async function runConform(options: ConformOptions): Promise<ConformReport> {
  const results: CheckResult[] = [];
  let connections = 0;
  for (const check of checks) {
    const skipped = whyNot(check, options);
    if (skipped === undefined && connections > 0 && options.pauseMs > 0) {
      await new Promise<void>((resolve) => void options.clock.after(options.pauseMs, resolve));
    }
    const result = skipped === undefined ? await runCheck(check, options) : resultOf(check, 'skip', skipped);
    if (skipped === undefined) connections += 1;
    results.push(result);
    options.onResult?.(result);
  }
  return { ok: results.every(({ outcome }) => outcome !== 'fail'), results };
}

function whyNot(check: Check, options: ConformOptions): string | undefined {
  if (!check.applies(options.profile)) return 'Not a rule of this profile.';
  return check.slow === true && options.slow !== true ? 'It takes minutes; ask for slow checks.' : undefined;
}

async function runCheck(check: Check, options: ConformOptions): Promise<CheckResult> {
  const { profile, clock, payload, answerMs = 10_000, quietMs = 300 } = options;
  let client: BareClient;
  try {
    client = await BareClient.open(options);
  } catch (error) {
    if (error instanceof HitlineError && error.code === 'CONNECTION_FAILED')
      return resultOf(check, 'fail', error.message);
    throw error;
  }
  try {
    const finding = await check.run({ profile, client, clock, payload, answerMs, quietMs });
    if (finding === undefined) return resultOf(check, 'pass');
    return typeof finding === 'string' ? resultOf(check, 'fail', finding) : resultOf(check, 'skip', finding.notJudged);
  } finally {
    await client.close();
  }
}

function resultOf(check: Check, outcome: CheckResult['outcome'], detail?: string): CheckResult {
  const { rule, source, describe } = check;
  return { rule, source, describe, outcome, ...(detail === undefined ? {} : { detail }) };
}
