/**
 * The numbers by which the switch counts what it sends to each of our stations: the only ones that go from end to end. One left out may
 * be a message that never came (wire.md 9). They are looked at in the unit of the message that bears them, and survive a restart.
 */
import { type OutCount, readOutCount } from '../../formats/language.ts';
import { raise } from '../alarms/alarm.ts';
import type { Machine, Stepped } from '../change.ts';
import type { Config } from '../config.ts';
import type { JsonObject } from '../ledger/ledger.ts';
import type { Work } from '../parts.ts';

export interface OutState extends JsonObject {
  readonly status: 'COUNTING';
  readonly last: number;
}

export type OutEvent =
  | { readonly type: 'COUNTED'; readonly number: number; readonly messageId: string }
  | {
      readonly type: 'GAP_SEEN';
      readonly number: number;
      readonly messageId: string;
      readonly from: number;
      readonly to: number;
    };

const machine: Machine<OutState, OutEvent> = {
  stream: 'upstream',
  step: (_state, event): Stepped<OutState> => ({
    ok: true,
    state: { status: 'COUNTING', last: event.number },
    effects: [],
  }),
  row: (state) => ({ status: state.status, key: 'OUT_NUMBER', body: state }),
};

/** A number that lies so little behind the last one came late or twice; one further behind is that of a count begun anew. */
const lateMax = 100;

/** Numbers that did not come, both ends included. */
export interface OutGap {
  readonly station: string;
  readonly from: number;
  readonly to: number;
}

/** A number that counts on, and what it leaves out. */
export interface OutStep extends OutCount {
  readonly gap: OutGap | undefined;
}

/**
 * What a number says after the last one: nothing for the first of all and for the next; a gap where it leaves some out, or where a count
 * that began anew is past 1. Undefined for one that came late or twice, which moves nothing.
 */
export function stepAfter(last: number | undefined, { station, number }: OutCount): OutStep | undefined {
  if (last === undefined) return { station, number, gap: undefined };
  const isAnew = number < last && (number <= 1 || last - number > lateMax);
  if (number <= last && !isAnew) return undefined;
  const from = isAnew ? 1 : last + 1;
  return { station, number, gap: number > from ? { station, from, to: number - 1 } : undefined };
}

/** Whether a name is one of ours: any other word of a text may stand in clear nowhere. */
function isOurs({ agency, upstream, consoles, doors }: Config, name: string): boolean {
  if (name === agency.ori || name === upstream.terminalId) return true;
  if (consoles.some((one) => one.terminalId === name)) return true;
  return doors.station.stations.some((one) => one.terminalIds.includes(name) || one.oris.includes(name));
}

const idOf = (station: string): string => `out-${station}`;

/** The number that a text bears, and what is missing before it; undefined when it bears none, or one that moves nothing. */
export async function outStepOf({ parts, change }: Work, text: string): Promise<OutStep | undefined> {
  const count = readOutCount(text);
  if (count === undefined || !isOurs(parts.config, count.station)) return undefined;
  const held = await change.get(machine, idOf(count.station));
  return stepAfter(held?.state.last, count);
}

/** Files the number with its message. A gap is an alarm; `isShown` is false for a message that nobody may see. */
export async function countOut(
  { parts, change }: Work,
  { number, station, gap }: OutStep,
  message: { readonly id: string; readonly isShown: boolean },
): Promise<void> {
  const messageId = message.id;
  const event: OutEvent =
    gap === undefined
      ? { type: 'COUNTED', number, messageId }
      : { type: 'GAP_SEEN', number, messageId, from: gap.from, to: gap.to };
  await change.apply(machine, idOf(station), { event, actor: 'upstream' });
  if (gap === undefined) return;
  await raise(change, 'OUT_GAP', {
    alarmId: parts.ids.next('a'),
    stationId: station,
    ...(message.isShown ? { messageId } : {}),
  });
}
