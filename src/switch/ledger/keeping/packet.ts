/**
 * Export packets: what a court or an auditor takes along. A packet holds the rows as the chain has them, each text in
 * clear with its ciphertext and data key, a timeline, and a manifest of hashes; it can be tested without the ledger.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type ChainRow, hashOf, sha256Hex } from '../chain.ts';
import type { JsonObject, Stream } from '../ledger.ts';
import { openWithDataKey } from '../vault.ts';
import type { SealedHead } from './seal.ts';

/** One text with all that proves it: base64 but for its name. */
export interface PacketText {
  readonly name: string;
  readonly keyId: string;
  readonly dataKey: string;
  readonly ciphertext: string;
  readonly clear: string;
}

/** One row of the chain with its texts. */
export interface PacketRow extends ChainRow {
  readonly prev: string;
  readonly hash: string;
  readonly content: readonly PacketText[];
}

/** One line of the manifest: a row's hash, and the hash of each clear text. */
export interface ManifestLine {
  readonly writer: string;
  readonly seq: number;
  readonly hash: string;
  readonly texts: Readonly<Record<string, string>>;
}

export interface Packet {
  readonly format: 'hitline-packet-1';
  readonly madeAtMs: number;
  readonly madeBy: string;
  readonly reason: string;
  /** What was asked for, such as `{"case":"c-1"}`. */
  readonly selection: JsonObject;
  readonly rows: readonly PacketRow[];
  readonly timeline: readonly {
    readonly atMs: number;
    readonly what: string;
    readonly id: string;
    readonly actor: string;
  }[];
  /** Where the chains stood when the packet was made. */
  readonly heads: readonly SealedHead[];
  /** What of the selection a court's order hides. It stands in a custodian's packet alone: anybody else's must not hint at it. */
  readonly sealed?: PacketSealed;
  readonly manifest: readonly ManifestLine[];
  /** SHA-256 of the manifest and of everything said about the packet, lower-case hex. */
  readonly manifestSha256: string;
  /** Ed25519 over `manifestSha256`, base64, when the agency has a key. */
  readonly signature?: string;
}

/** Sealed messages and cases that the selection named: those whose rows the packet holds, and those it leaves out. */
export interface PacketSealed {
  readonly held: readonly PacketThing[];
  readonly leftOut: readonly PacketThing[];
}

/** A thing whose rows go into a packet; `below`: every thing whose id is this one's, a stroke and more, as frames are named. */
export interface PacketThing {
  readonly stream: Stream;
  readonly id: string;
  readonly below?: boolean;
}

/** What a ledger gives for a packet. */
export interface PacketSource {
  packetRows(things: readonly PacketThing[]): Promise<readonly PacketRow[]>;
  /** Where every chain stands now, whoever writes it. */
  chainHeads(): Promise<readonly SealedHead[]>;
}

type Unsigned = Omit<Packet, 'manifestSha256' | 'signature' | 'manifest' | 'timeline' | 'format'>;

function manifestOf(rows: readonly PacketRow[]): readonly ManifestLine[] {
  return rows.map(({ writer, seq, hash, content }) => ({
    writer,
    seq,
    hash,
    texts: Object.fromEntries(content.map((text) => [text.name, sha256Hex(Buffer.from(text.clear, 'base64'))])),
  }));
}

function timelineOf(rows: readonly PacketRow[]): Packet['timeline'] {
  return rows
    .map(({ atMs, type, stream, id, actor }) => ({ atMs, what: `${stream} ${type}`, id, actor }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

function digestOf(packet: Unsigned, manifest: readonly ManifestLine[]): string {
  const { madeAtMs, madeBy, reason, selection, heads, sealed } = packet;
  const said = ['hitline-packet-1', madeAtMs, madeBy, reason, selection, heads, manifest];
  return sha256Hex(JSON.stringify(sealed === undefined ? said : [...said, sealed]));
}

/** Puts a packet together. `signingKey` is an Ed25519 private key. */
export function makePacket(parts: Unsigned, signingKey?: KeyObject): Packet {
  const manifest = manifestOf(parts.rows);
  const manifestSha256 = digestOf(parts, manifest);
  return {
    format: 'hitline-packet-1',
    ...parts,
    timeline: timelineOf(parts.rows),
    manifest,
    manifestSha256,
    ...(signingKey === undefined
      ? {}
      : { signature: sign(null, Buffer.from(manifestSha256), signingKey).toString('base64') }),
  };
}

function textFault(row: PacketRow, text: PacketText): string | undefined {
  const ciphertext = Buffer.from(text.ciphertext, 'base64');
  const digests = JSON.parse(row.texts ?? '{}') as Record<string, string>;
  if (sha256Hex(ciphertext) !== digests[text.name]) return 'a ciphertext is not the one the chain names';
  const clear = openWithDataKey(Buffer.from(text.dataKey, 'base64'), { keyId: text.keyId, ciphertext }, text.name);
  if (clear === undefined) return 'a ciphertext does not open with its key';
  return Buffer.from(clear).equals(Buffer.from(text.clear, 'base64')) ? undefined : 'a text is not what was encrypted';
}

function rowFault(row: PacketRow, before: PacketRow | undefined): string | undefined {
  if (hashOf(row.prev, row) !== row.hash) return 'the row was changed';
  const follows = before !== undefined && before.writer === row.writer && before.seq + 1 === row.seq;
  if (follows && before.hash !== row.prev) return 'the row does not follow the one before it';
  if (new Set(row.content.map((text) => text.name)).size < row.content.length) return 'the row has a text twice';
  for (const text of row.content) {
    const what = textFault(row, text);
    if (what !== undefined) return what;
  }
  return undefined;
}

/** The first row that lies beyond where its chain stood when the packet was made, or is another than the one it ended with. */
function headFault({ rows, heads }: Packet): { what: string; at: PacketRow } | undefined {
  const byWriter = new Map(heads.map((head) => [head.writer, head]));
  for (const at of rows) {
    const head = byWriter.get(at.writer);
    if (head === undefined || at.seq > head.seq) return { what: 'the row is not of the chains the packet names', at };
    if (at.seq === head.seq && at.hash !== head.hash)
      return { what: 'the row is not the one its chain ended with', at };
  }
  return undefined;
}

/** The first row of a thing that does not follow from the one before: what a packet is about it has from its beginning on. */
function gapFault({ rows }: Packet): { what: string; at: PacketRow } | undefined {
  const versions = new Map<string, number>();
  const inOrder = rows.toSorted((a, b) => a.version - b.version);
  for (const at of inOrder) {
    const name = `${at.stream} ${at.id}`;
    const before = versions.get(name) ?? 0;
    if (at.version !== before + 1) return { what: 'a row of the same thing is missing before it', at };
    versions.set(name, at.version);
  }
  return undefined;
}

/** The first row that manifest and packet do not say alike. */
function manifestFault({ rows, manifest }: Packet): { what: string; at?: { writer: string; seq: number } } | undefined {
  const nameOf = (one: { writer: string; seq: number }): string => `${one.writer} ${one.seq}`;
  const named = new Map(manifest.map((line) => [nameOf(line), line]));
  const held = manifestOf(rows);
  for (const at of held) {
    const line = named.get(nameOf(at));
    if (line === undefined) return { what: 'the manifest does not name the row', at };
    if (JSON.stringify(line) !== JSON.stringify(at)) return { what: 'the manifest says otherwise about the row', at };
    named.delete(nameOf(at));
  }
  for (const at of named.values()) return { what: 'the packet lacks a row that the manifest names', at };
  if (JSON.stringify(held) === JSON.stringify(manifest)) return undefined;
  return { what: 'the manifest does not name the rows in their order' };
}

/** What a check found: the first thing that does not hold, or nothing. */
export interface PacketReport {
  readonly ok: boolean;
  readonly rowCount: number;
  /** Whether a signature was there and held for the trusted key; null when no key was given to test with. */
  readonly signed: boolean | null;
  /** What this proves and what it does not, one sentence. */
  readonly proves: string;
  readonly firstBroken?: { readonly writer: string; readonly seq: number; readonly what: string };
}

const provesNothing = 'It is not what the ledger gave.';
/** A hash can be made by anybody: only the signature tells whose packet it is, and that nothing was taken out of it. */
const provesPart =
  'Its parts agree with each other. Who made it, and that nothing was left out or made anew, is proved by a signature alone:';
const provesAll = 'It is what the agency whose key this is gave out, whole and unchanged.';

/** Tests a packet without the ledger: every row, text, hash, the timeline and the manifest; and the signature with a key. */
export function checkPacket(packet: Packet, trusted?: KeyObject): PacketReport {
  const broken = (what: string, at = { writer: '', seq: 0 }): PacketReport => ({
    ok: false,
    rowCount: packet.rows.length,
    signed: null,
    proves: provesNothing,
    firstBroken: { writer: at.writer, seq: at.seq, what },
  });
  if (packet.format !== 'hitline-packet-1') return broken('this is no packet of a known kind');
  const sorted = packet.rows.toSorted((a, b) => (a.writer === b.writer ? a.seq - b.seq : a.writer < b.writer ? -1 : 1));
  for (const [index, row] of sorted.entries()) {
    const what = rowFault(row, sorted[index - 1]);
    if (what !== undefined) return broken(what, row);
  }
  const unnamed = manifestFault(packet);
  if (unnamed !== undefined) return broken(unnamed.what, unnamed.at);
  if (digestOf(packet, packet.manifest) !== packet.manifestSha256)
    return broken('what the packet says of itself, or the digest over it, was changed');
  if (JSON.stringify(timelineOf(packet.rows)) !== JSON.stringify(packet.timeline))
    return broken('the timeline was changed');
  const misplaced = headFault(packet) ?? gapFault(packet);
  if (misplaced !== undefined) return broken(misplaced.what, misplaced.at);
  if (trusted === undefined) {
    const has = packet.signature === undefined ? 'it has none.' : 'it has one, which only the public key can test.';
    return { ok: true, rowCount: packet.rows.length, signed: null, proves: `${provesPart} ${has}` };
  }
  const publicKey = trusted.type === 'private' ? createPublicKey(trusted) : trusted;
  const signature = Buffer.from(packet.signature ?? '', 'base64');
  if (!verify(null, Buffer.from(packet.manifestSha256), publicKey, signature)) {
    return { ...broken('the packet is not signed with this key'), signed: false };
  }
  return { ok: true, rowCount: packet.rows.length, signed: true, proves: provesAll };
}
