/**
 * Reads the bytes of an export packet: a packet has exactly the parts that this version makes, each in the one form it writes
 * them in. What the check would not look at could be put there for somebody's eyes.
 */
import { z } from 'zod';
import type { Packet } from './packet.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** Decoding passes over what is no Base64, so that other characters could stand for the same bytes. */
const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);
const count = z.number().int().min(0);
const thing = z.strictObject({ stream: z.string(), id: z.string(), below: z.boolean().optional() });

/** JSON text of an object, as the columns of a row have it. */
const jsonObject = z.string().refine((text) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
});

const text = z.strictObject({
  name: z.string(),
  keyId: z.string(),
  dataKey: base64,
  ciphertext: base64,
  clear: base64,
});

const row = z.strictObject({
  writer: z.string(),
  seq: count,
  stream: z.string(),
  id: z.string(),
  version: count,
  type: z.string(),
  atMs: z.number(),
  monoMs: z.number(),
  actor: z.string(),
  data: jsonObject,
  state: jsonObject.nullable(),
  texts: jsonObject.nullable(),
  tokensSha256: hash.nullable(),
  prev: hash,
  hash,
  content: z.array(text),
});

const packetShape = z.strictObject({
  format: z.literal('hitline-packet-1'),
  madeAtMs: z.number(),
  madeBy: z.string(),
  reason: z.string(),
  selection: z.record(z.string(), z.string()),
  rows: z.array(row),
  timeline: z.array(z.strictObject({ atMs: z.number(), what: z.string(), id: z.string(), actor: z.string() })),
  heads: z.array(z.strictObject({ writer: z.string(), seq: count, hash })),
  sealed: z.strictObject({ held: z.array(thing), leftOut: z.array(thing) }).optional(),
  manifest: z.array(z.strictObject({ writer: z.string(), seq: count, hash, texts: z.record(z.string(), hash) })),
  manifestSha256: hash,
  signature: base64.optional(),
});

/** The packet that this JSON text is, or undefined when it is none. What its parts say is for `checkPacket`. */
export function readPacket(json: string): Packet | undefined {
  try {
    const read = packetShape.safeParse(JSON.parse(json));
    // JSON has no `undefined`: what is optional is absent, or it is a value of its type.
    return read.success && !namesTwice(json) ? (read.data as Packet) : undefined;
  } catch {
    // The words of the parser quote what stands in the packet.
    return undefined;
  }
}

const jsonToken = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Whether an object of this JSON text has one name twice: a reader may take either value, and the check sees the last. */
function namesTwice(json: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of json.matchAll(jsonToken)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      const name = JSON.parse(last) as string;
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
    last = token;
  }
  return false;
}
