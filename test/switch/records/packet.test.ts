import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPacket, makePacket, type Packet } from '../../../src/switch/ledger/keeping/packet.ts';
import { readPacket } from '../../../src/switch/ledger/keeping/read-packet.ts';
import { historyAnswer, openRecordHouse, type RecordHouse, supervisor } from './record-house.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
let house: RecordHouse;
/** A request for a history and its answer, signed. */
let packet: Packet;
beforeAll(async () => {
  house = await openRecordHouse();
  const id = await house.askHistory();
  await house.fromSwitch(historyAnswer(id));
  packet = signed(await house.packet({ what: 'message', id }, supervisor));
});
afterAll(() => house.close());

/** The same packet put together anew and signed, as its maker can. */
function signed(from: Packet, key: KeyObject = privateKey): Packet {
  const { format: _, timeline: __, manifest: ___, manifestSha256: ____, signature: _____, ...parts } = from;
  return makePacket(parts, key);
}

/** What a check by the command says: undefined when it holds. */
function faultOf(json: string, key?: KeyObject): string | undefined {
  const read = readPacket(json);
  if (read === undefined) return 'no packet';
  return checkPacket(read, key).firstBroken?.what;
}

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;
type Place = readonly string[];

function* placesIn(value: Json, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* placesIn(inner, [...at, name]);
}

/** What somebody could do to one value of a packet, be it where it may. */
const manipulations: Readonly<Record<string, (holder: { [name: string]: Json }, name: string) => void>> = {
  dropped: (holder, name) => {
    if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else delete holder[name];
  },
  repeated: (holder, name) => {
    const value = holder[name] ?? null;
    if (Array.isArray(holder)) holder.splice(Number(name), 0, structuredClone(value));
    else holder[name] = [value, value];
  },
  'made null': (holder, name) => {
    holder[name] = null;
  },
  'of another type': (holder, name) => {
    holder[name] = typeof holder[name] === 'number' ? String(holder[name]) : 7;
  },
  'grown by a blank': (holder, name) => {
    holder[name] = typeof holder[name] === 'string' ? `${holder[name]} ` : { a: 1 };
  },
  'broken by a mark that no decoder minds': (holder, name) => {
    const value = holder[name];
    holder[name] = typeof value === 'string' ? `${value.slice(0, 3)}!${value.slice(3)}` : {};
  },
  'told more about': (holder, name) => {
    const value = holder[name];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) value['verdict'] = 'NO RECORD';
    else holder[name] = false;
  },
};

test('whatever is changed anywhere in a signed packet is found, and nothing of it breaks the check', () => {
  const whole = JSON.stringify(packet);
  expect(faultOf(whole, publicKey)).toBeUndefined();
  const missed: string[] = [];
  let tried = 0;
  for (const place of placesIn(packet as unknown as Json)) {
    for (const [what, manipulate] of Object.entries(manipulations)) {
      const copy = JSON.parse(whole) as Json;
      let holder = copy as { [name: string]: Json };
      for (const name of place.slice(0, -1)) holder = holder[name] as { [name: string]: Json };
      manipulate(holder, place.at(-1) ?? '');
      const json = JSON.stringify(copy);
      if (json === whole) continue;
      tried += 1;
      if (faultOf(json, publicKey) === undefined) missed.push(`${place.join('.')} ${what}`);
    }
  }
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(1_000);
});

test('a name that stands twice in it is found, since a reader could take either value', () => {
  const whole = JSON.stringify(packet);
  for (const name of ['clear', 'actor', 'reason', 'seq']) {
    const twice = whole.replace(`"${name}":`, `"${name}":"NO RECORD","${name}":`);
    expect(JSON.parse(twice)).toBeDefined();
    expect(faultOf(twice)).toBe('no packet');
  }
  // The same name in two objects, braces and quotes within words, and a packet laid out for the eye are no fault.
  expect(faultOf(JSON.stringify(signed({ ...packet, reason: 'IN "{reason: [1]}" \\' }), null, 2))).toBeUndefined();
});

test('another’s key, another packet’s rows and rows that its maker left out are found, the last even without a key', async () => {
  const stranger = generateKeyPairSync('ed25519');
  expect(faultOf(JSON.stringify(signed(packet, stranger.privateKey)), publicKey)).toContain('not signed with this key');
  const id = await house.askHistory('SAMPLE, SAM');
  const other = await house.packet({ what: 'message', id }, supervisor);
  const mixed = { ...packet, rows: [...packet.rows, ...other.rows] };
  expect(faultOf(JSON.stringify(mixed), publicKey)).toContain('the manifest does not name the row');
  // Put together anew by whoever has no key of ours: its rows lie beyond where the packet says that the chains stood.
  expect(faultOf(JSON.stringify(signed(mixed)))).toContain('not of the chains');
  const answered = packet.rows.find((row) => row.type === 'ANSWERED');
  if (answered === undefined) throw new Error('no answer');
  const pruned = packet.rows.filter((row) => row !== answered);
  const later = pruned.some((row) => row.id === answered.id && row.version > answered.version);
  const hidden = later ? pruned : packet.rows.filter((row) => row.type !== 'DRAFTED');
  expect(faultOf(JSON.stringify(signed({ ...packet, rows: hidden })))).toContain('missing before it');
});

test('the report says what it proves: without a key not whose it is, nor that it is whole', () => {
  expect(checkPacket(packet, publicKey)).toMatchObject({
    ok: true,
    signed: true,
    proves: expect.stringContaining('whole'),
  });
  expect(checkPacket(packet).proves).toContain('only the public key can test');
  const { signature: _, ...bare } = packet;
  expect(checkPacket(bare)).toMatchObject({ ok: true, signed: null, proves: expect.stringContaining('it has none') });
});
