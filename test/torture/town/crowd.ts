/**
 * Twenty CAD programs that talk to one gateway at once, each from an address of its own, under an ORI, a terminal id and a
 * series of references of its own. What was acknowledged to them is kept, to be asked for later.
 */
import { createHash } from 'node:crypto';
import { systemClock } from '../../../src/host/clock.ts';
import type { ConfigInput } from '../../../src/switch/config.ts';
import { type SeededRandom, seededRandom } from '../../seeded-random.ts';
import { dialFrom } from '../../support/dial-from.ts';

/** How many stations load the gateway. */
export const crowdSize = 20;
/** What one station asks in one round at most. */
const asksMaxDefault = 6;
const pauseMsMax = 120;
const redialMs = 50;

/** One station as the gateway's file names it and as it presents itself. */
export interface CrowdMember {
  readonly id: string;
  readonly address: string;
  readonly ori: string;
  readonly terminalId: string;
}

/** The stations; the first has number 1. */
export const crowdMembers: readonly CrowdMember[] = Array.from({ length: crowdSize }, (_, index) => ({
  id: `CAD${String(index + 1).padStart(2, '0')}`,
  address: `127.0.1.${index + 1}`,
  ori: `CO0990${String(index + 20)}N`,
  terminalId: `CA${String(index + 1).padStart(2, '0')}`,
}));

/** They as the station door of a gateway's file lists them. */
export const crowdStations: NonNullable<ConfigInput['doors']['station']['stations']> = crowdMembers.map((one) => ({
  id: one.id,
  name: `Pine Ridge Communications ${one.id}`,
  address: one.address,
  oris: [one.ori],
  terminalIds: [one.terminalId],
}));

/** Something a station asked and got the gateway's acknowledgement for. */
export interface Acknowledged {
  readonly stationId: string;
  /** Of the very bytes. */
  readonly sha256: string;
}

/** Told when the round is over, so that whoever waits can go on. */
export interface Round {
  readonly isOver: boolean;
}

/** What a station asks, as CAD traffic mixes it: inquiries that leave unheld, requests that are held, and a slip. */
export const asks = {
  inquiry: ({ terminalId, ori }: CrowdMember, number: number) =>
    `1N01${terminalId}${seven(number)}.QW.${ori}.NAM/SAMPLE, ALPHA ${letters(number)}.DOB/19700101`,
  plate: ({ terminalId, ori }: CrowdMember, number: number) =>
    `RQ.${ori}.WY.*${terminalId}${seven(number).slice(1)}.TXT\nLIC/PR${seven(number).slice(2)}.LIY/2030.LIT/PC`,
  urgent: (from: CrowdMember, number: number) => request(from, number, 'WY0990200.U'),
  routine: (from: CrowdMember, number: number) => request(from, number, 'WY0990300.R'),
  slip: (from: CrowdMember, number: number) => request(from, number, 'WY0990200.X'),
} as const satisfies Record<string, (from: CrowdMember, number: number) => string>;

/** How often each is picked, in twentieths. */
const mix: readonly (keyof typeof asks)[] = [
  ...Array.from({ length: 8 }, () => 'inquiry' as const),
  ...Array.from({ length: 5 }, () => 'plate' as const),
  ...Array.from({ length: 3 }, () => 'urgent' as const),
  ...Array.from({ length: 3 }, () => 'routine' as const),
  'slip',
];

function seven(number: number): string {
  return String(number).padStart(7, '0');
}

/** A number as a synthetic given name, for a name field takes letters only. */
function letters(number: number): string {
  return seven(number).replace(/\d/g, (digit) => 'ABCDEFGHIJ'[Number(digit)] ?? 'A');
}

function request({ terminalId, ori }: CrowdMember, number: number, to: `${string}.${string}`): string {
  const [address, priority] = to.split('.');
  const six = `${terminalId.slice(2)}${String(number).padStart(4, '0')}`;
  return [
    `YQ.${ori}.${address}.*${terminalId}${seven(number).slice(1)}.TXT`,
    `RTY/WP.RNO/1.PRI/${priority}.OCA/TC${six}.NIC/W998${six}.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.`,
    'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113',
  ].join('\n');
}

/** The twenty over the whole life of one ledger, through as many gateways as it takes. */
export class Crowd {
  /** Everything that was acknowledged to any of them, oldest first. */
  readonly acknowledged: Acknowledged[] = [];
  readonly #door: { readonly host: string; readonly port: number };
  readonly #received: string[];
  readonly #chances: readonly SeededRandom[];
  readonly #numbers: number[] = crowdMembers.map(() => 0);

  constructor(given: {
    readonly door: { readonly host: string; readonly port: number };
    readonly random: SeededRandom;
    /** Where every text that one of them gets is kept. */
    readonly received: string[];
  }) {
    this.#door = given.door;
    this.#received = given.received;
    // A chance of its own for each, so that the order in which they come to speak changes nothing of what they say.
    this.#chances = crowdMembers.map(() => seededRandom(given.random.below(0xffff_ffff)));
  }

  /** All connect, ask so many times at most, and listen until the round is over; when the gateway is gone they dial again. */
  async work(round: Round, asksMax = asksMaxDefault): Promise<void> {
    await Promise.all(crowdMembers.map((one, index) => this.#station(one, index, { round, asksMax })));
  }

  /** Resolves once so many more requests were acknowledged, or the time is over. */
  async heard(count: number, waitMsMax: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    const endMs = systemClock.monoMs() + waitMsMax;
    while (this.acknowledged.length < wanted && systemClock.monoMs() < endMs) await pass(5);
  }

  async #station(
    member: CrowdMember,
    index: number,
    { round, asksMax }: { readonly round: Round; readonly asksMax: number },
  ): Promise<void> {
    const chance = this.#chances[index] ?? seededRandom(0);
    for (let left = asksMax; !round.isOver; await pass(redialMs)) {
      const keep = (text: string): void => void this.#received.push(text);
      const link = await dialFrom(member.address, this.#door, keep).catch(() => undefined);
      if (link === undefined) continue;
      while (!round.isOver && link.state === 'open') {
        await pass(chance.below(pauseMsMax));
        if (left <= 0) continue;
        left -= 1;
        const number = (this.#numbers[index] ?? 0) + 1;
        this.#numbers[index] = number;
        const text = asks[chance.pick(mix)](member, number);
        const payload = Buffer.from(text, 'latin1');
        const outcome = await link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() });
        if (outcome.type !== 'acked') continue;
        this.acknowledged.push({ stationId: member.id, sha256: createHash('sha256').update(payload).digest('hex') });
      }
      await link.close();
    }
  }
}

/** The pace of the traffic is part of a run: nothing tells when a dispatcher speaks next. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve));
}
