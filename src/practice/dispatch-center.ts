/** A scripted dispatch center: a station that asks for hit confirmations over TCP as any CAD program would. */

import type { Clock } from '../host/clock.ts';
import type { Link, SendOutcome } from '../wire/link.ts';
import { wireProfile } from '../wire/profiles.ts';
import { dialLink } from '../wire/sockets/dial.ts';
import { dispatchOri } from './world.ts';

export interface DispatchCenter {
  /** What came from the gateway, oldest first. */
  readonly received: readonly string[];
  send(text: string): Promise<SendOutcome>;
  close(): Promise<void>;
}

/** Connects to the gateway's station door. Everything that comes is acknowledged and kept. */
export async function openDispatchCenter(options: {
  readonly address: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  onText?(text: string): void;
}): Promise<DispatchCenter> {
  const received: string[] = [];
  const link: Link = await dialLink({
    name: 'dispatch',
    host: options.address.host,
    port: options.address.port,
    profile: wireProfile('foxtalk-1'),
    clock: options.clock,
    events: {
      onMessage(_link, incoming) {
        const text = incoming.payload.toString('latin1');
        received.push(text);
        incoming.acknowledge();
        options.onText?.(text);
      },
    },
  });
  return {
    received,
    send: (text) => link.send(Buffer.from(text, 'latin1'), { repeatable: false, exchangeId: link.reserveExchangeId() }),
    close: () => link.close(),
  };
}

/** The urgent request of the first story: a wanted person whose record Sage County entered. */
export const urgentRequest = [
  `YQ.${dispatchOri}.WY0990200.*DISP000001.TXT`,
  'RTY/WP.RNO/1.PRI/U.OCA/SC26000002.NIC/W990000002.NAM/RECORD, ROBIN.DOB/19800202.SEX/M.',
  'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113.REM/SUBJECT DETAINED ON THIS HIT ALONE',
].join('\n');

/** The routine request of the third story: its agency's night desk never answers. */
export const routineRequest = [
  `YQ.${dispatchOri}.WY0990300.*DISP000002.TXT`,
  'RTY/WP.RNO/1.PRI/R.OCA/SD26000003.NIC/W990000003.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.',
  'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113.REM/SUBJECT HELD ON LOCAL CHARGES',
].join('\n');
