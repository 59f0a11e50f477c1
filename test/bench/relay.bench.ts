/**
 * What the gateway costs on the way of an inquiry: a dispatch center asks, the simulated switch answers. Ours goes through a
 * whole gateway (parse, authorise, file with fsync, encrypt, rewrite, send, file, match, deliver); the baseline through a bare
 * relay that knows nothing. Client, gateway or relay, and switch are three processes. foxtalk-1 allows one message under way
 * per link and direction, so a link's rate is the inverse of its delay.
 */
import { systemClock } from '../../src/host/clock.ts';
import type { Link } from '../../src/wire/link.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type BenchChild, startBenchGateway, startPeer } from './bench-children.ts';
import { type Bench, median } from './rounds.ts';

const exchangesFull = 200;
const exchangesShort = 20;

/** One station's side: asks, and waits until the switch has said all it has to say. */
interface Asker {
  /** Milliseconds from the first byte of the question to the last answer. */
  ask(): Promise<number>;
  close(): Promise<void>;
}

const surnames = ['PRACTICE', 'RECORD', 'SAMPLE'];

function question(number: number, random: SeededRandom): string {
  const reference = String(number % 1_000_000).padStart(6, '0');
  const born = `19${60 + random.below(40)}0${1 + random.below(9)}1${random.below(10)}`;
  const name = `${random.pick(surnames)},NOBODY ${random.below(100_000)}`;
  return `2L01DSP1${reference}01.QH.CO099013N.NAM/${name}.DOB/${born}.SEX/M.RAC/W.PUR/C.ATN/DISPATCHER SAMPLE`;
}

/** The switch answers an inquiry twice: the State's own files, and NCIC's. */
const answersPerQuestion = 2;

async function openAsker(port: number, random: SeededRandom): Promise<Asker> {
  let answered: (() => void) | undefined;
  let missing = 0;
  let asked = 0;
  const link: Link = await dialLink({
    name: 'bench',
    host: '127.0.0.1',
    port,
    profile: wireProfile('foxtalk-1'),
    clock: systemClock,
    events: {
      onMessage(_link, incoming) {
        incoming.acknowledge();
        missing -= 1;
        if (missing === 0) answered?.();
      },
    },
  });
  return {
    async ask() {
      const payload = Buffer.from(question(asked, random), 'latin1');
      asked += 1;
      missing = answersPerQuestion;
      const all = new Promise<void>((resolve) => {
        answered = resolve;
      });
      const startMs = performance.now();
      const outcome = await link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() });
      if (outcome.type !== 'acked') throw new Error(`the question was ${outcome.type}`);
      await all;
      return performance.now() - startMs;
    },
    close: () => link.close(),
  };
}

/** Asks one question after another; gives each delay. */
async function askMany(asker: Asker, count: number): Promise<number[]> {
  const delays: number[] = [];
  for (let at = 0; at < count; at += 1) delays.push(await asker.ask());
  return delays;
}

function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export async function run(bench: Bench): Promise<void> {
  const count = bench.short ? exchangesShort : exchangesFull;
  const children: BenchChild[] = [];
  const askers: Asker[] = [];
  try {
    // A switch of its own for each, because a switch knows one client per ORI.
    const ourSwitch = await startPeer('switch');
    const theirSwitch = await startPeer('switch');
    const gateway = await startBenchGateway(Number(ourSwitch.firstLine));
    const relay = await startPeer('relay', theirSwitch.firstLine);
    children.push(gateway, relay, ourSwitch, theirSwitch);
    const ours = await openAsker(gateway.stationPort, bench.random);
    askers.push(ours);
    const bare = await openAsker(Number(relay.firstLine), bench.random);
    askers.push(bare);
    bench.note(`${count} questions a round, ${answersPerQuestion} answers each, scheduler in process`);
    const figures = async (asker: Asker): Promise<readonly number[]> => {
      const delays = await askMany(asker, count);
      return [median(delays), percentile(delays, 0.99), (1000 * delays.length) / sum(delays)];
    };
    await bench.compareEach({
      cases: [
        { case: 'inquiry and its answers, middle delay', unit: 'ms' },
        { case: 'inquiry and its answers, delay at 99 %', unit: 'ms' },
        { case: 'inquiries one after another', unit: 'exchanges/s' },
      ],
      ours: () => figures(ours),
      baseline: () => figures(bare),
    });
  } finally {
    for (const asker of askers) await asker.close();
    for (const child of children) await child.end();
  }
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, one) => total + one, 0);
}
