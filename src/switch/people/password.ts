/**
 * Password hashes as PHC strings: argon2id, or PBKDF2-SHA256 where only FIPS services may be used. At most two are
 * computed at once, because each takes its memory, and the rest wait in a line with an end.
 */
import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { HitlineError } from '../../faults/fault.ts';

/** How new hashes are made. Memory in KiB. */
export type PasswordCost =
  | { readonly kind: 'argon2id'; readonly memoryKib: number; readonly passes: number }
  | { readonly kind: 'pbkdf2-sha256'; readonly rounds: number };

export const argon2Cost: PasswordCost = { kind: 'argon2id', memoryKib: 65_536, passes: 2 };
export const fipsCost: PasswordCost = { kind: 'pbkdf2-sha256', rounds: 600_000 };

const saltBytes = 16;
const hashBytes = 32;
const passwordCharsMin = 8;
const passwordBytesMax = 1_024;
/** A hash in a configuration may not ask for more than this. */
const memoryKibMax = 262_144;
const passesMax = 16;
const roundsMax = 10_000_000;

/** Guessed first by everybody who guesses (CJIS IA-5(1)(a): such passwords are refused). */
const commonPasswords = new Set(
  'password passw0rd password1 12345678 123456789 1234567890 qwertyui qwertyuiop qwerty123 iloveyou sunshine princess football baseball superman trustno1 letmein1 welcome1 abc12345 changeme changeit'.split(
    ' ',
  ),
);

/** Computes at most `runningMax` hashes at once; a call beyond `waitingMax` in line is refused with TOO_MANY_CALLS. */
export class HashingLine {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limits: { readonly runningMax: number; readonly waitingMax: number }) {
    this.#runningMax = limits.runningMax;
    this.#waitingMax = limits.waitingMax;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#runningMax) {
      if (this.#waiting.length >= this.#waitingMax) throw new HitlineError('TOO_MANY_CALLS');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so that nobody can slip in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** Tells whether a person may choose this password: 8 characters or more, not a common one, not his own identifier. */
export function isPasswordStrong(password: string, osn: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  if ([...lower].length < passwordCharsMin || Buffer.byteLength(lower) > passwordBytesMax) return false;
  return !commonPasswords.has(lower) && lower !== osn.toLowerCase() && !/^(.)\1*$/u.test(lower);
}

/** Makes the PHC string of a password, with a salt of the machine's chance. */
export async function hashPassword(password: string, cost: PasswordCost = argon2Cost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  return `${prefixOf(cost)}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Tells whether the password is the one hashed. A text that is no hash of a known kind never matches. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (parsed === undefined) return false;
  const hash = await derive(password, parsed.salt, parsed.cost);
  return hash.length === parsed.hash.length && timingSafeEqual(hash, parsed.hash);
}

/** Tells of a PHC string whether it is whole and of a kind and cost this program computes. */
export function isPasswordHash(phc: string): boolean {
  return parsePhc(phc) !== undefined;
}

interface ParsedHash {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const argon2Phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;
const pbkdf2Phc = /^\$pbkdf2-sha256\$i=(\d{1,8})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

function parsePhc(phc: string): ParsedHash | undefined {
  const argon = argon2Phc.exec(phc);
  if (argon !== null) {
    const [memoryKib, passes] = [Number(argon[1]), Number(argon[2])];
    if (memoryKib < 8 || memoryKib > memoryKibMax || passes < 1 || passes > passesMax) return undefined;
    return withBytes({ kind: 'argon2id', memoryKib, passes }, argon[3], argon[4]);
  }
  const pbkdf = pbkdf2Phc.exec(phc);
  if (pbkdf === null) return undefined;
  const rounds = Number(pbkdf[1]);
  if (rounds < 1 || rounds > roundsMax) return undefined;
  return withBytes({ kind: 'pbkdf2-sha256', rounds }, pbkdf[2], pbkdf[3]);
}

function withBytes(cost: PasswordCost, salt = '', hash = ''): ParsedHash {
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function prefixOf(cost: PasswordCost): string {
  if (cost.kind === 'argon2id') return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1`;
  return `$pbkdf2-sha256$i=${cost.rounds}`;
}

function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, hash: Buffer): void => {
      message.fill(0);
      if (error === null) resolve(hash);
      else reject(error);
    };
    if (cost.kind === 'pbkdf2-sha256') {
      pbkdf2(message, salt, cost.rounds, hashBytes, 'sha256', done);
      return;
    }
    const { memoryKib: memory, passes } = cost;
    argon2('argon2id', { message, nonce: salt, parallelism: 1, tagLength: hashBytes, memory, passes }, done);
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
