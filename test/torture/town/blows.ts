/** Blows by the seed on one ledger after another, and what they came to. */
import { findRedisProgram } from '../../../src/switch/redis/redis-place.ts';
import { type SeededRandom, seededRandom } from '../../seeded-random.ts';
import type { Torture } from '../torture.ts';
import { type Blow, type DatabaseInReach, playLedger, type RedisKind, type Toll } from './one-ledger.ts';

/** The blows of a full run. */
const fullBlows: Readonly<Record<Blow, number>> = { gateway: 100, redis: 20, both: 20, wipe: 10 };
/** Each once, to see that it works. */
const shortBlows: Readonly<Record<Blow, number>> = { gateway: 1, redis: 1, both: 1, wipe: 1 };
/** So many on one ledger; then a new one is begun, and the checks stay as quick as they were. */
const blowsPerLedger = 10;

export interface DealtOn {
  /** Makes a database for the ledger of this number, from 1; without it each ledger is embedded. */
  readonly database?: (number: number) => Promise<DatabaseInReach>;
  /** What is dealt in a short run; each blow once unless said otherwise. */
  readonly short?: Readonly<Record<Blow, number>>;
}

/** Deals them all, a ledger for every few. */
export async function dealBlows(torture: Torture, on: DealtOn = {}): Promise<void> {
  const { short } = torture;
  const tolls: Toll[] = [];
  const hasRedis = findRedisProgram() !== undefined;
  if (!hasRedis) torture.note('no redis-server on PATH: the blows that fall on Redis are left out');
  const wanted = short ? (on.short ?? shortBlows) : fullBlows;
  const counts = hasRedis ? wanted : { ...wanted, redis: 0, both: 0, wipe: 0 };
  const hands = deal(counts, torture.random);
  for (const [index, blows] of hands.entries()) {
    const redis = redisOf(index, { hasRedis, short });
    // A chance of its own for each ledger, so that what befalls one does not depend on how far another came.
    const random = seededRandom(torture.random.below(0xffff_ffff));
    await torture.attempt(`ledger ${index + 1} of ${hands.length}, Redis ${redis}: ${blows.join(' ')}`, async () => {
      const toll = await playLedger({ random, redis, blows, database: await on.database?.(index + 1) });
      tolls.push(toll);
      torture.note(`ledger ${index + 1}: ${said([toll])}`);
    });
  }
  torture.note(`in all: ${said(tolls)}`);
}

/** Every blow in an order of chance, in hands of a few. */
function deal(counts: Readonly<Record<Blow, number>>, random: SeededRandom): readonly (readonly Blow[])[] {
  const names = Object.keys(counts) as Blow[];
  const ranked = names
    .flatMap((blow) => Array.from({ length: counts[blow] }, () => ({ blow, rank: random.next() })))
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.blow);
  return Array.from({ length: Math.ceil(ranked.length / blowsPerLedger) }, (_, index) =>
    ranked.slice(index * blowsPerLedger, (index + 1) * blowsPerLedger),
  );
}

/** A server of its own and the gateway's private child take turns. */
function redisOf(index: number, how: { readonly hasRedis: boolean; readonly short: boolean }): RedisKind {
  if (!how.hasRedis) return 'none';
  return index % 2 === 0 ? 'url' : 'private';
}

function said(tolls: readonly Toll[]): string {
  const sum = (pick: (toll: Toll) => number): number => tolls.reduce((total, toll) => total + pick(toll), 0);
  const dealt = (blow: Blow): number => sum((toll) => toll.blows.filter((one) => one === blow).length);
  return [
    `${sum((toll) => toll.acknowledged)} acknowledged requests, none missing`,
    `${dealt('gateway')} kills of the gateway, ${dealt('redis')} of Redis, ${dealt('both')} of both, ${dealt('wipe')} wipes`,
    `${sum((toll) => toll.messages)} messages, ${sum((toll) => toll.delivered)} texts to stations`,
    `${sum((toll) => toll.inDoubt)} in doubt, ${sum((toll) => toll.sentAgainByWord)} sent again by a person's word`,
    `${sum((toll) => toll.casesOpened)} cases`,
    `${sum((toll) => toll.armed)} deadlines armed, ${sum((toll) => toll.fired)} fired once, ${sum((toll) => toll.calledOff)} called off`,
    `the latest ${Math.max(0, ...tolls.map((toll) => toll.latestMs))} ms late`,
  ].join('; ');
}
