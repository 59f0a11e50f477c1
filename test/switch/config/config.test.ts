import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { settingDocs } from '../../../src/host/config-docs.ts';
import { configSchema } from '../../../src/switch/config/config-schema.ts';
import { checkConfig, configDocs, readConfig } from '../../../src/switch/config.ts';
import { retentionFaults } from '../../../src/switch/ledger/keeping/retention.ts';
import { liveConfig, practiceConfig } from './sample-config.ts';

type Path = readonly (string | number)[];

/** A copy with one place changed; `undefined` takes it away. */
function changed(data: unknown, path: Path, value: unknown): unknown {
  const copy: unknown = structuredClone(data);
  let here = copy as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) {
    here[part] ??= {};
    here = here[part] as Record<string | number, unknown>;
  }
  const last = path.at(-1) ?? '';
  if (value === undefined) delete here[last];
  else here[last] = value;
  return copy;
}

function faultPaths(data: unknown): string[] {
  const result = checkConfig(data, '/etc/hitline');
  return result.ok ? [] : result.faults.map((fault) => fault.path);
}

/** Every place of plain data that holds a text, number or flag. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => leaves(one, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]));
  }
  return [path];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a right configuration', () => {
  it('is read from its file, with defaults filled in and paths absolute', () => {
    const file = join(folder, 'right.yaml');
    writeFileSync(file, stringify(practiceConfig()));
    const result = readConfig(file);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    expect(result.config.dataFolder).toBe(join(folder, 'data'));
    expect(result.config.keys.file).toBe(join(folder, 'master.key'));
    expect(result.config.doors.station.profile).toBe('foxtalk-1');
    expect(result.config.clocks.approvalUrgentMs).toBe(120_000);
    expect(result.config.redis.prefix).toBe('hitline-practice');
  });

  it('may be live', () => {
    const result = checkConfig(liveConfig(), '/etc/hitline');
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    expect(result.config.redis.prefix).toBe('hitline');
    expect(result.config.clocks.confirmUrgentMs).toBe(600_000);
    expect(result.config.upstream.reconnectMs).toBe(30_000);
    expect(result.config.upstream.tls?.caFile).toBe('/etc/hitline/state-ca.pem');
  });
});

describe('a mistake', () => {
  it('is named by its path, wherever it is', () => {
    for (const base of [practiceConfig(), liveConfig()]) {
      for (const path of leaves(base)) {
        const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
        expect(faultPaths(changed(base, path, { odd: true }))).toContain(text.slice(1));
      }
    }
  });

  it('never shows the value that was found', () => {
    const secret = 'Hunter2-secret\u0007value';
    for (const base of [practiceConfig(), liveConfig()]) {
      for (const path of leaves(base)) {
        const result = checkConfig(changed(base, path, secret), '/etc/hitline');
        expect(JSON.stringify(result.ok ? [] : result.faults)).not.toContain('Hunter2');
      }
    }
  });

  it('comes with all the others, shape and rules together', () => {
    let data: unknown = practiceConfig();
    data = changed(data, ['agency', 'ori'], 'co0990100');
    data = changed(data, ['upstream', 'host'], '192.0.2.1');
    data = changed(data, ['consoles', 0, 'coj'], false);
    data = changed(data, ['doors', 'console', 'port'], undefined);
    data = changed(data, ['speling'], 1);
    data = changed(data, ['practiceNotice'], undefined);
    expect(new Set(faultPaths(data))).toEqual(
      new Set(['agency.ori', 'upstream.host', 'consoles', 'doors.console.port', 'speling', 'practiceNotice']),
    );
  });

  it('of YAML names line and column only', () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'practice: true\npassword: "Hunter2\n');
    const result = readConfig(file);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).toMatch(/line \d+, column \d+/);
    expect(JSON.stringify(result)).not.toContain('Hunter2');
  });

  it('may be a missing file, a key given twice, an alias bomb or no data at all', () => {
    expect(readConfig(join(folder, 'absent.yaml'))).toEqual({
      ok: false,
      faults: [{ path: '', text: 'The file cannot be read (ENOENT).' }],
    });
    const file = join(folder, 'odd.yaml');
    for (const text of ['practice: true\npractice: false\n', `a: &a [1,2]\n${'b: [*a,*a,*a,*a]\n'.repeat(200)}`, '']) {
      writeFileSync(file, text);
      expect(readConfig(file).ok).toBe(false);
    }
  });
});

it('what is wrong says what to do', () => {
  const textOf = (path: Path, value: unknown): string | undefined => {
    const result = checkConfig(changed(practiceConfig(), path, value), '/etc/hitline');
    return result.ok ? undefined : result.faults[0]?.text;
  };
  expect(textOf(['confirmation', 'controlTerminals'], { wy: 'WY0990000' })).toBe('A State is two upper-case letters.');
  expect(textOf(['consoles', 1, 'address'], 'desk-two')).toBe('This is not an IP address.');
  expect(textOf(['consoles', 1, 'address'], '192.0.2.7')).toBeUndefined();
  expect(textOf(['doors', 'station', 'stations', 0, 'address'], 'cad.invalid')).toBe('This is not an IP address.');
  expect(textOf(['people', 'initial', 0, 'passwordHash'], 'in the clear')).toContain(
    '`hitline hash-password` makes one',
  );
});

it('two doors cannot share an address and port', () => {
  const withDoors = (station: object, door: object): unknown =>
    changed(changed(practiceConfig(), ['doors', 'station'], station), ['doors', 'console'], door);
  const tls = { certificateFile: 'a.pem', keyFile: 'a.key' };
  const at = (host: string, port: number): object => ({ host, port, tls });
  for (const other of ['127.0.0.1', '0.0.0.0', '::']) {
    expect(faultPaths(withDoors(at('127.0.0.1', 7443), at(other, 7443)))).toEqual(['doors.console.port']);
    expect(faultPaths(withDoors(at(other, 7443), at('127.0.0.1', 7443)))).toEqual(['doors.console.port']);
  }
  expect(faultPaths(withDoors(at('192.0.2.1', 7443), at('192.0.2.2', 7443)))).toEqual([]);
  expect(faultPaths(withDoors(at('127.0.0.1', 7441), at('127.0.0.1', 7443)))).toEqual([]);
  expect(faultPaths(withDoors({ port: 0 }, { port: 0 }))).toEqual([]);
});

const practiceFaults: [string, Path, unknown, string][] = [
  ['an upstream that is not loopback', ['upstream', 'host'], '192.0.2.1', 'upstream.host'],
  ['an upstream behind TLS elsewhere', ['upstream'], { ...liveConfig().upstream }, 'upstream.host'],
  ['an account that does not begin with PRAC', ['people', 'initial', 0, 'osn'], 'A123', 'people.initial[0].osn'],
  ['shortened clocks without the sentence', ['clocks', 'shortenedNotice'], undefined, 'clocks.shortenedNotice'],
  ['the sentence without shortened clocks', ['clocks', 'confirmUrgentMs'], 600_000, 'clocks.shortenedNotice'],
  ['a live Redis prefix', ['redis', 'prefix'], 'hitline', 'redis.prefix'],
  [
    'a hash cut short',
    ['people', 'initial', 0, 'passwordHash'],
    '$argon2id$v=19$m=8,t=1,p=1$YQ$YQ',
    'people.initial[0].passwordHash',
  ],
  ['argon2id where FIPS is asked for', ['fips'], true, 'people.initial[0].passwordHash'],
  ['no practice notice', ['practiceNotice'], undefined, 'practiceNotice'],
  ['two COJs', ['consoles', 1, 'coj'], true, 'consoles[1].coj'],
  ['two consoles of one name', ['consoles', 1, 'id'], 'coj1', 'consoles[1].id'],
  ['a key in the data folder', ['keys', 'file'], '/etc/hitline/data/master.key', 'keys.file'],
  ['a clock longer than the trade allows', ['clocks', 'approvalUrgentMs'], 120_001, 'clocks.approvalUrgentMs'],
  [
    'a station nobody could know',
    ['doors', 'station', 'stations', 0, 'address'],
    undefined,
    'doors.station.stations[0]',
  ],
  [
    'two control terminals for our State',
    ['confirmation', 'controlTerminals', 'CO'],
    'CO0990001',
    'confirmation.controlTerminals.CO',
  ],
  ['Redis by URL without one', ['redis', 'mode'], 'url', 'redis.url'],
];

const liveFaults: [string, Path, unknown, string][] = [
  ['a practice ORI as its own', ['agency', 'ori'], 'CO0990100', 'agency.ori'],
  [
    'a practice ORI anywhere',
    ['confirmation', 'controlTerminals'],
    { WY: 'WY0990000' },
    'confirmation.controlTerminals.WY',
  ],
  [
    'a practice ORI of a station',
    ['doors', 'station', 'stations'],
    [{ id: 'a', name: 'A', address: '127.0.0.1', oris: ['ZZ0000100', 'CO099013N'], terminalIds: ['A1'] }],
    'doors.station.stations[0].oris[1]',
  ],
  [
    'NCIC Quality Control of practice',
    ['confirmation', 'ncicQualityControlOri'],
    'DC0990000',
    'confirmation.ncicQualityControlOri',
  ],
  ['a practice account', ['people', 'initial'], practiceConfig().people?.initial, 'people.initial[0].osn'],
  ['a lock that ends by itself', ['people', 'lockMs'], 600_000, 'people.lockMs'],
  ['a practice notice', ['practiceNotice'], 'PRACTICE', 'practiceNotice'],
  [
    'a certificate of a console where none is asked for',
    ['consoles'],
    [{ id: 'COJ1', coj: true, certificateSha256: 'a'.repeat(64) }],
    'consoles[0].certificateSha256',
  ],
  ['a hurried reconnect', ['upstream', 'reconnectMs'], 29_999, 'upstream.reconnectMs'],
  ['a shortened confirmation clock', ['clocks', 'confirmUrgentMs'], 20_000, 'clocks.confirmUrgentMs'],
  ['an upstream without TLS', ['upstream', 'tls'], undefined, 'upstream.host'],
  ['a console door without TLS', ['doors', 'console', 'host'], '0.0.0.0', 'doors.console.host'],
  ['a VPN for the console door', ['doors', 'console', 'insideVpn'], true, 'doors.console.insideVpn'],
  ['a station door without TLS', ['doors', 'station', 'host'], '0.0.0.0', 'doors.station.host'],
  ['any free port', ['doors', 'console', 'port'], 0, 'doors.console.port'],
  ['a practice Redis prefix', ['redis', 'prefix'], 'hitline-practice-2', 'redis.prefix'],
];

describe('a practice configuration refuses', () => {
  it.each(practiceFaults)('%s', (...[, path, value, fault]) => {
    expect(faultPaths(changed(practiceConfig(), path, value))).toContain(fault);
  });
});

describe('a live configuration refuses', () => {
  it.each(liveFaults)('%s', (...[, path, value, fault]) => {
    expect(faultPaths(changed(liveConfig(), path, value))).toContain(fault);
  });

  it('nothing more than it must: a line inside a VPN and a stricter approval clock are its own choice', () => {
    const inside = changed(liveConfig(), ['upstream'], { ...liveConfig().upstream, tls: undefined, insideVpn: true });
    expect(faultPaths(changed(inside, ['clocks', 'approvalRoutineMs'], 60_000))).toEqual([]);
  });
});

describe('docs/config.md', () => {
  it('is what the schema says; `npm run docs` writes it anew', () => {
    const file = join(import.meta.dirname, '../../../docs/config.md');
    expect(readFileSync(file, 'utf8')).toBe(configDocs());
  });

  it('has a meaning for every setting', () => {
    const docs = settingDocs(configSchema);
    expect(docs.length).toBeGreaterThan(70);
    expect(docs.filter((one) => one.meaning === '').map((one) => one.path)).toEqual([]);
  });
});

describe('the ledger of a default install', () => {
  it('deletes nothing, and names for each class at least what its rule asks for', () => {
    const result = checkConfig(practiceConfig(), '/etc/hitline');
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const { purge, retentionDays } = result.config.ledger;
    expect(purge).toBe(false);
    const classes = ['frame', 'message', 'iii', 'case', 'deadline', 'person', 'session', 'act', 'alarm'];
    expect(retentionDays).toEqual(Object.fromEntries(classes.map((name) => [name, 1_098])));
    expect(retentionFaults(retentionDays)).toEqual([]);
  });

  it('takes a longer schedule, and names the path of a class that would end too soon or has none', () => {
    const ledger = { retentionDays: { message: 365, case: 4_000, system: 4_000, person: 1_097 } };
    const paths = faultPaths({ ...practiceConfig(), ledger });
    expect(paths.filter((path) => path.startsWith('ledger')).toSorted()).toEqual(
      ['ledger.retentionDays.message', 'ledger.retentionDays.person', 'ledger.retentionDays.system'].toSorted(),
    );
    expect(faultPaths({ ...practiceConfig(), ledger: { retentionDays: { case: 4_000 } } })).toEqual([]);
  });

  it('keeps its second place outside the data folder', () => {
    const places = ['data', 'data/heads', '/etc/hitline/data/x'];
    for (const secondPlaceFile of places) {
      expect(faultPaths({ ...practiceConfig(), ledger: { secondPlaceFile } })).toEqual(['ledger.secondPlaceFile']);
    }
    const elsewhere = checkConfig({ ...practiceConfig(), ledger: { secondPlaceFile: 'data.heads' } }, '/etc/hitline');
    expect(elsewhere.ok && elsewhere.config.ledger.secondPlaceFile).toBe('/etc/hitline/data.heads');
  });

  it('keeps the key of its seals outside the data folder', () => {
    const inside = { ...practiceConfig(), ledger: { sealKeyFile: 'data/seal.pem' } };
    expect(faultPaths(inside)).toEqual(['ledger.sealKeyFile']);
    const outside = checkConfig({ ...practiceConfig(), ledger: { sealKeyFile: 'seal.pem' } }, '/etc/hitline');
    expect(outside.ok && outside.config.ledger.sealKeyFile).toBe('/etc/hitline/seal.pem');
  });
});
