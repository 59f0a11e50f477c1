import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PersonView } from '../../../src/console/contract.ts';
import { HitlineError } from '../../../src/faults/fault.ts';
import type { Clock } from '../../../src/host/clock.ts';
import { makeIds } from '../../../src/host/ids.ts';
import { openLog } from '../../../src/host/log.ts';
import { makeChanger } from '../../../src/switch/change.ts';
import { openLedger, type SqliteLedger } from '../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { hashPassword, type PasswordCost } from '../../../src/switch/people/password.ts';
import { openPeople, type People, type PeopleOptions } from '../../../src/switch/people/people.ts';

const cost: PasswordCost = { kind: 'argon2id', memoryKib: 64, passes: 1 };
const password = 'Correct-horse-1';
const coj = { device: 'COJ1', use: 'logon' } as const;
const custodian: PersonView = { osn: 'PRACCUST', name: 'PRACTICE, CUSTODIAN', roles: ['custodian'] };

const folder = mkdtempSync(join(tmpdir(), 'hitline-people-'));
const lines: string[] = [];
let nowMs = 1_800_000_000_000;
const clock: Clock = { wallMs: () => nowMs, monoMs: () => nowMs, after: () => () => undefined };
const ids = makeIds(clock);
const log = openLog({ level: 'debug', to: { write: (line) => void lines.push(line) }, clock });
let ledger: SqliteLedger;
let counter = 0;

beforeAll(async () => {
  const masterKey = new Uint8Array(32).fill(7);
  ledger = await openLedger({ folder: join(folder, 'data'), writer: 'gateway', masterKey, clock });
});
afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

function people(changes: Partial<PeopleOptions['config']> = {}): People {
  const config: PeopleOptions['config'] = {
    practice: true,
    fips: false,
    people: { initial: [], failedLogonsMax: 5, failedLogonWindowMs: 900_000 },
    ...changes,
  };
  const change = makeChanger({ ledger, clock, perform: () => undefined });
  return openPeople({ config, ledger, change, ids, log, cost });
}

let all: People;
let osn = '';
beforeEach(async () => {
  nowMs += 3_600_000;
  all = people();
  counter += 1;
  osn = `PRACOP${counter}`;
  await all.create({ osn, name: 'PRACTICE, OPERATOR', roles: ['operator'], password, by: 'system' });
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HitlineError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

async function failTimes(times: number, device = 'COJ1'): Promise<string[]> {
  const codes: string[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const answer = await all.verify(osn, 'wrong-password', { device, use: 'logon' });
    codes.push(answer.ok ? 'ok' : answer.code);
  }
  return codes;
}

async function sessionEvents(): Promise<readonly string[]> {
  const events = await ledger.events({ stream: 'session', fromMs: nowMs, limit: 100 });
  return events.map((event) => event.type);
}

describe('a person with the right password', () => {
  it('is let in, whatever the case of the identifier, and it is filed', async () => {
    const answer = await all.verify(osn.toLowerCase(), password, coj);
    expect(answer).toMatchObject({ ok: true, person: { osn, name: 'PRACTICE, OPERATOR', roles: ['operator'] } });
    expect(await sessionEvents()).toEqual(['logged on']);
    if (!answer.ok) return;
    await all.logoff(answer.logonId, 'person');
    await all.logoff(answer.logonId, 'idle');
    const history = await ledger.history('session', answer.logonId);
    expect(history.map((event) => [event.type, event.actor])).toEqual([
      ['logged on', osn],
      ['logged off', osn],
    ]);
  });

  it('may give it for one act; that is filed as such and leaves nobody logged on', async () => {
    expect(await all.verify(osn, password, { device: 'COJ1', use: 'act' })).toMatchObject({ ok: true });
    expect(await sessionEvents()).toEqual(['factor given']);
    expect(await ledger.states({ stream: 'session', status: ['on'], osn, limit: 10 })).toEqual([]);
  });

  it('wipes out the failures before it', async () => {
    await failTimes(4);
    expect((await all.verify(osn, password, coj)).ok).toBe(true);
    expect(await failTimes(4)).toEqual(Array(4).fill('LOGON_REFUSED'));
    expect((await all.verify(osn, password, coj)).ok).toBe(true);
  });
});

describe('five wrong passwords in a row', () => {
  it('lock the account at that console for good, though not at another', async () => {
    expect(await failTimes(6)).toEqual([...Array(5).fill('LOGON_REFUSED'), 'LOGON_LOCKED']);
    nowMs += 30 * 86_400_000;
    expect(await all.verify(osn, password, coj)).toEqual({ ok: false, code: 'LOGON_LOCKED' });
    expect((await all.verify(osn, password, { device: 'SUP1', use: 'logon' })).ok).toBe(true);
    expect(lines.at(-1)).toContain(`"code":"LOGON_LOCKED","console":"COJ1","person":"${osn}"`);
  });

  it('count even when they are tried side by side', async () => {
    const guesses = await Promise.all(Array.from({ length: 9 }, () => all.verify(osn, 'wrong-password', coj)));
    expect(guesses.filter((one) => !one.ok && one.code === 'LOGON_REFUSED')).toHaveLength(5);
    expect(guesses.filter((one) => !one.ok && one.code === 'LOGON_LOCKED')).toHaveLength(4);
  });

  it('hold through a restart', async () => {
    await failTimes(5);
    all = people();
    expect(await all.verify(osn, password, coj)).toEqual({ ok: false, code: 'LOGON_LOCKED' });
  });

  it('are forgiven by a custodian, who gives a reason and is somebody else', async () => {
    await failTimes(5);
    const why = { by: custodian, reason: 'Seen in person' };
    expect(await codeOf(all.releaseLock(osn, 'COJ1', { ...why, by: { ...custodian, osn } }))).toBe('SAME_PERSON');
    expect(await codeOf(all.releaseLock(osn, 'COJ1', { ...why, by: { ...custodian, roles: ['supervisor'] } }))).toBe(
      'ROLE_MISSING',
    );
    const refused = await ledger.events({ stream: 'act', limit: 5 });
    expect(refused.map(({ data, textNames }) => [data['what'], data['outcome'], textNames])).toEqual([
      ['unlock', 'ROLE_MISSING', ['reason']],
      ['unlock', 'SAME_PERSON', ['reason']],
    ]);
    expect(await codeOf(all.releaseLock('NOBODY', 'COJ1', { ...why, at: 'REC2' }))).toBe('NOT_FOUND');
    await all.releaseLock(osn, 'COJ1', { ...why, at: 'REC2' });
    const [done, unknown] = await ledger.events({ stream: 'act', limit: 2 });
    expect(unknown?.data).toMatchObject({ what: 'unlock', outcome: 'NOT_FOUND', about: [], device: 'REC2' });
    expect(done?.data).toMatchObject({ what: 'unlock', outcome: 'OK', about: [osn], device: 'REC2' });
    expect((await all.verify(osn, password, coj)).ok).toBe(true);
  });

  it('end by themselves after a while in practice, where the configuration says so', async () => {
    all = people({ people: { initial: [], failedLogonsMax: 5, failedLogonWindowMs: 900_000, lockMs: 60_000 } });
    await failTimes(5);
    nowMs += 59_999;
    expect(await all.verify(osn, password, coj)).toEqual({ ok: false, code: 'LOGON_LOCKED' });
    nowMs += 1;
    expect((await all.verify(osn, password, coj)).ok).toBe(true);
  });
});

describe('an identifier nobody has', () => {
  it('gets the same answers as a wrong password, and what was typed is kept encrypted only', async () => {
    const typed = 'Hunter2-in-the-wrong-field';
    const codes: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const answer = await all.verify(typed, 'wrong-password', coj);
      codes.push(answer.ok ? 'ok' : answer.code);
    }
    expect(codes).toEqual(await failTimes(6, 'REC2'));
    const [event] = await ledger.events({ stream: 'session', type: 'logon refused', fromMs: nowMs, limit: 100 });
    if (event === undefined) throw new Error('the refusal was not filed');
    expect(JSON.stringify(await ledger.events({ fromMs: nowMs, limit: 100 }))).not.toContain('Hunter2');
  });

  it('costs as much work as a known one', async () => {
    const slow: PasswordCost = { kind: 'argon2id', memoryKib: 8_192, passes: 4 };
    const change = makeChanger({ ledger, clock, perform: () => undefined });
    const config = {
      practice: true,
      fips: false,
      people: { initial: [], failedLogonsMax: 5, failedLogonWindowMs: 900_000 },
    };
    const careful = openPeople({ config, ledger, change, ids, log, cost: slow });
    const known = `PRACSLOW${counter}`;
    await careful.create({ osn: known, name: 'PRACTICE, SLOW', roles: ['operator'], password, by: 'system' });
    await careful.verify('NOBODY', 'warm', coj);
    const time = async (who: string, round: number): Promise<number> => {
      const before = process.cpuUsage();
      await careful.verify(who, 'wrong-password', { device: `D${round}`, use: 'logon' });
      const used = process.cpuUsage(before);
      return used.user + used.system;
    };
    const shortest = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 7; round += 1) {
      shortest.known = Math.min(shortest.known, await time(known, round));
      shortest.unknown = Math.min(shortest.unknown, await time('NOBODY', round));
    }
    expect(shortest.unknown / shortest.known).toBeGreaterThan(0.5);
    expect(shortest.unknown / shortest.known).toBeLessThan(2);
  });
});

describe('an account', () => {
  it('is not made twice, with a weak password, or of the other kind of system', async () => {
    const person = { name: 'PRACTICE, NEW', roles: ['operator'], password, by: 'system' } as const;
    expect(await codeOf(all.create({ ...person, osn }))).toBe('OSN_TAKEN');
    expect(await codeOf(all.create({ ...person, osn: 'A100' }))).toBe('OSN_NOT_ALLOWED');
    expect(await codeOf(people({ practice: false }).create({ ...person, osn: 'PRACNEW' }))).toBe('OSN_NOT_ALLOWED');
    expect(await codeOf(all.create({ ...person, osn: 'PRAC-1' }))).toBe('OSN_NOT_ALLOWED');
    expect(await codeOf(all.create({ ...person, osn: 'PRACNEW', password: 'password' }))).toBe('PASSWORD_WEAK');
    expect(await all.get('PRACNEW')).toBeUndefined();
  });

  it('can be changed, and who listens hears of it', async () => {
    const heard: string[] = [];
    const stop = all.onChanged((changed) => void heard.push(changed));
    await all.setPassword(osn, 'Another-horse-2', osn);
    await all.setRoles(osn, ['operator', 'supervisor'], 'PRACCUST');
    expect(await all.verify(osn, password, coj)).toMatchObject({ ok: false });
    expect(await all.verify(osn, 'Another-horse-2', coj)).toMatchObject({
      person: { roles: ['operator', 'supervisor'] },
    });
    await all.setActive(osn, false, 'PRACCUST');
    stop();
    expect(await all.verify(osn, 'Another-horse-2', coj)).toEqual({ ok: false, code: 'LOGON_REFUSED' });
    expect((await all.list()).map((one) => one.osn)).not.toContain(osn);
    await all.setActive(osn, true, 'PRACCUST');
    expect((await all.list()).map((one) => one.osn)).toContain(osn);
    expect(heard).toEqual([osn, osn, osn]);
  });

  it('is judged by its events: a row edited by hand opens nothing', async () => {
    const stored = await ledger.state('person', osn);
    if (stored === undefined) throw new Error('the account was not filed');
    const forged = { ...stored.body, roles: ['operator', 'supervisor', 'custodian'] };
    await ledger.append([
      {
        entries: [
          {
            stream: 'person',
            id: osn,
            version: stored.version + 1,
            type: 'enabled',
            atMs: nowMs,
            monoMs: nowMs,
            actor: 'system',
            data: {},
            state: { status: 'active', osn, body: forged },
          },
        ],
      },
    ]);
    expect(await all.verify(osn, password, coj)).toMatchObject({ ok: true, person: { roles: ['operator'] } });
  });
});

describe('the start', () => {
  it('makes the accounts of the configuration once, and in practice sets their passwords anew', async () => {
    const initial = async (word: string) => [
      {
        osn: `PRACINIT${counter}`,
        name: 'PRACTICE, FIRST',
        roles: ['supervisor' as const],
        passwordHash: await hashPassword(word, cost),
      },
    ];
    const settings = { failedLogonsMax: 5, failedLogonWindowMs: 900_000 };
    const word = 'Third-horse-3';
    await people({ people: { ...settings, initial: await initial(password) } }).start();
    expect((await all.verify(`PRACINIT${counter}`, password, coj)).ok).toBe(true);
    await people({ people: { ...settings, initial: await initial(word) } }).start();
    expect((await all.verify(`PRACINIT${counter}`, password, coj)).ok).toBe(false);
    expect((await all.verify(`PRACINIT${counter}`, word, coj)).ok).toBe(true);
  });

  it('ends what a dead process left logged on', async () => {
    const answer = await all.verify(osn, password, coj);
    if (!answer.ok) throw new Error(answer.code);
    await people().start();
    expect((await ledger.history('session', answer.logonId)).map((event) => event.type)).toEqual([
      'logged on',
      'logged off',
    ]);
    expect(await ledger.states({ stream: 'session', status: ['on'], limit: 10 })).toEqual([]);
  });
});

describe('passwords', () => {
  it('and their hashes stand in clear nowhere', async () => {
    const { ok } = await ledger.verify();
    expect(ok).toBe(true);
    for (const file of readdirSync(join(folder, 'data'))) {
      const bytes = readFileSync(join(folder, 'data', file), 'latin1');
      for (const secret of ['$argon2id$', password, 'Hunter2']) expect(bytes).not.toContain(secret);
    }
    for (const secret of ['$argon2id$', password, 'Hunter2']) expect(lines.join('')).not.toContain(secret);
  });
});
