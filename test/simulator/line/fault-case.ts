import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { TextCoding } from '../../../src/wire/charsets/charset.ts';
import type { ClientOptions, PracticeClient } from '../practice-client.ts';
import type { Stage } from '../stage.ts';

export interface Scene {
  readonly stage: Stage;
  readonly simulator: Simulator;
  readonly client: PracticeClient;
}
/** What one script does to a client, and how that is seen. */
export interface Case {
  readonly options?: ClientOptions;
  /** The code page of the switch's texts, where it matters. */
  readonly coding?: TextCoding;
  /** Runs with a linked client. */
  readonly play?: (scene: Scene) => Promise<void>;
  /** Runs with nobody linked. */
  readonly dial?: (simulator: Simulator, stage: Stage) => Promise<void>;
}

/** Waits until the client has so many texts. */
export const count = (client: PracticeClient, many: number): Promise<unknown> =>
  client.until(() => (client.received.length >= many ? true : undefined));
export const closed = (client: PracticeClient): Promise<string> => client.until(() => client.closed);
/** A round trip: whatever the switch wrote before it has been read afterwards. */
export const settle = async (client: PracticeClient): Promise<void> =>
  void (await client.send('1N01SETTLE.ZW.CO0990100.NAM/A,B'));
export const controls = (client: PracticeClient): string[] =>
  client.received.map((one) => /^1L01(\w*)/.exec(one)?.[1] ?? '');
export const whose = (client: PracticeClient): string[] =>
  client.received.map((one) => (one.includes('PRACTICE STATE FILES') ? 'state' : 'federal'));
