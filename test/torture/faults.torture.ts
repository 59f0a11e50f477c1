/**
 * A gateway under load from twenty stations while its disk is full and its clock steps by an hour, both through its ports.
 * Every console has the alarm within a second, no law is broken, nothing acknowledged is lost, and afterwards all goes on.
 */
import { type Clock, systemClock } from '../../src/host/clock.ts';
import type { SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import type { Torture } from './torture.ts';
import { alarmed, figures, healed, momentOf } from './town/alarmed.ts';
import { pass } from './town/crowd.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';

const hourMs = 3_600_000;

export async function run(torture: Torture): Promise<void> {
  const rounds = torture.short ? 1 : 5;
  const clock = steppingClock();
  await torture.attempt('the disk is full, and the clock steps by an hour, back and forth', () =>
    LoadedGateway.run({ random: torture.random, stage: { inside: true, ports: { clock } } }, async (load) => {
      const fullMs = await diskFull(torture, load, rounds);
      const steppedMs = await clockSteps(torture, { load, clock, rounds });
      await load.end();
      torture.note(figures('a full disk', fullMs, load));
      torture.note(figures('a step of the clock', steppedMs, load));
    }),
  );
}

async function diskFull(torture: Torture, load: LoadedGateway, rounds: number): Promise<readonly number[]> {
  const afterMs: number[] = [];
  const ledger = load.stage.gateway.ledger as SqliteLedger;
  for (let n = 0; n < rounds; n += 1) {
    await load.busy();
    await healed(load.stage);
    const since = momentOf(load);
    ledger.capPages(1);
    afterMs.push(await alarmed(load, 'LEDGER_FAILED', { since }));
    await pass(torture.random.below(1_000));
    ledger.capPages(1_000_000);
    await healed(load.stage);
  }
  return afterMs;
}

interface SteppingClock extends Clock {
  step(byMs: number): void;
}

/** The wall can be stepped; the clock that only goes forward is the machine's. */
function steppingClock(): SteppingClock {
  let steppedMs = 0;
  return {
    wallMs: () => systemClock.wallMs() + steppedMs,
    monoMs: () => systemClock.monoMs(),
    after: (delayMs, action) => systemClock.after(delayMs, action),
    step(byMs) {
      steppedMs += byMs;
    },
  };
}

async function clockSteps(
  torture: Torture,
  { load, clock, rounds }: { readonly load: LoadedGateway; readonly clock: SteppingClock; readonly rounds: number },
): Promise<readonly number[]> {
  const afterMs: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    for (const byMs of [hourMs, -hourMs]) {
      await load.busy();
      await pass(torture.random.below(500));
      const since = momentOf(load);
      clock.step(byMs);
      afterMs.push(await alarmed(load, 'CLOCK_STEPPED', { since }));
    }
  }
  return afterMs;
}
