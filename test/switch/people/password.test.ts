import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HashingLine,
  hashPassword,
  isPasswordHash,
  isPasswordStrong,
  type PasswordCost,
  verifyPassword,
} from '../../../src/switch/people/password.ts';

const quick: PasswordCost = { kind: 'argon2id', memoryKib: 64, passes: 1 };

describe('a password hash', () => {
  it('agrees with the published vectors', async () => {
    // From the tests of the reference implementation of argon2id: 2 passes, 64 MiB, one lane.
    const argon = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword('password', argon)).toBe(true);
    expect(await verifyPassword('Password', argon)).toBe(false);
  });

  it('matches its own password and no other, and never twice the same text', async () => {
    const passwords = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(passwords, async ([one, other]) => {
        const phc = await hashPassword(one, quick);
        expect(isPasswordHash(phc)).toBe(true);
        expect(phc).not.toBe(await hashPassword(one, quick));
        expect(await verifyPassword(one, phc)).toBe(true);
        expect(await verifyPassword(other, phc)).toBe(one.normalize('NFKC') === other.normalize('NFKC'));
      }),
      { numRuns: 40 },
    );
  });

  it('may be PBKDF2 where FIPS is asked for', async () => {
    const phc = await hashPassword('correct horse', { kind: 'pbkdf2-sha256', rounds: 600_000 });
    expect(phc).toMatch(/^\$pbkdf2-sha256\$i=600000\$/);
    expect(await verifyPassword('correct horse', phc)).toBe(true);
    expect(await verifyPassword('correct hors', phc)).toBe(false);
  });

  it('that is broken, foreign or asks for a mountain of memory matches nothing', async () => {
    const whole = await hashPassword('correct horse', quick);
    const broken = [
      '',
      'x',
      whole.slice(0, -1),
      whole.replace('argon2id', 'argon2i'),
      whole.replace('m=64', 'm=9999999'),
    ];
    for (const phc of [...broken, whole.replace('t=1', 't=999'), `${whole}\n`, whole.replace('p=1', 'p=2')]) {
      expect(isPasswordHash(phc)).toBe(false);
      expect(await verifyPassword('correct horse', phc)).toBe(false);
    }
  });
});

describe('a password a person may choose', () => {
  it.each(['correct horse', 'ünïcödé-1', '12 spaces ok'])('%s', (password) => {
    expect(isPasswordStrong(password, 'PRACOP1')).toBe(true);
  });
  it.each(['short', 'password', 'PassWord1', 'aaaaaaaaaaaa', 'pracoperator', 'x'.repeat(1_025), '１２３４５６７８'])(
    'is not %s',
    (password) => {
      expect(isPasswordStrong(password, 'PRACOPERATOR')).toBe(false);
    },
  );
});

describe('the line of hashes', () => {
  it('runs so many at once and no more, in the order they came, and turns away who finds it full', async () => {
    const line = new HashingLine({ runningMax: 2, waitingMax: 3 });
    const doors: (() => void)[] = [];
    const begun: number[] = [];
    const call = (one: number) =>
      line.run(async () => {
        begun.push(one);
        await new Promise<void>((resolve) => doors.push(resolve));
        return one;
      });
    const calls = [0, 1, 2, 3, 4].map(call);
    await expect(call(5)).rejects.toThrow('Too many calls');
    expect(begun).toEqual([0, 1]);
    for (let finished = 0; finished < 5; finished += 1) {
      doors[finished]?.();
      await calls[finished];
      expect(begun.length - finished - 1).toBeLessThanOrEqual(2);
    }
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('frees the place of one that failed', async () => {
    const line = new HashingLine({ runningMax: 1, waitingMax: 0 });
    await expect(line.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await line.run(async () => 'next')).toBe('next');
  });
});
