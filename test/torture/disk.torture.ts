/**
 * The disk under a running gateway becomes read-only, slow or broken, between the process and the kernel, under load from
 * twenty stations. Every console has the alarm within a second, the loop stays alive, and nothing acknowledged is lost.
 */
import { join } from 'node:path';
import type { Torture } from './torture.ts';
import { alarmed, figures, healed, momentOf } from './town/alarmed.ts';
import { pass } from './town/crowd.ts';
import { canMakeTrouble, pidOf, type Trouble, trouble, troubles } from './town/disk-trouble.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';

/** What this machine lacks for it. */
export function missing(): string | undefined {
  return canMakeTrouble() ? undefined : 'strace is not here or may hold no process';
}

export async function run(torture: Torture): Promise<void> {
  const rounds = torture.short ? 1 : 5;
  const all = Object.keys(troubles) as Trouble[];
  const these = torture.short ? all.filter((what) => what !== 'disk that gives errors') : all;
  await torture.attempt(`a ${these.join(', a ')}`, () =>
    LoadedGateway.run({ random: torture.random }, async (load) => {
      const afterMs = new Map<Trouble, readonly number[]>();
      for (const what of these) afterMs.set(what, await suffer(torture, { load, what, rounds }));
      await load.end();
      for (const [what, times] of afterMs) torture.note(figures(`a ${what}`, times, load));
    }),
  );
}

async function suffer(
  torture: Torture,
  { load, what, rounds }: { readonly load: LoadedGateway; readonly what: Trouble; readonly rounds: number },
): Promise<readonly number[]> {
  const { folder } = load.stage;
  const of = { pid: pidOf(join(folder, 'gateway.yaml')), dataFolder: join(folder, 'data') };
  const afterMs: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    await load.busy();
    // A machine with too much to do may have made its disk late before; a trouble begins with a ledger that is trusted.
    await healed(load.stage);
    const from = momentOf(load);
    const underWay = await trouble(what, of);
    try {
      afterMs.push(await alarmed(load, 'LEDGER_FAILED', { since: momentOf(load), from }));
      await pass(torture.random.below(torture.short ? 500 : 3_000));
    } finally {
      await underWay.end();
    }
    await healed(load.stage);
  }
  return afterMs;
}
