/**
 * The rules that go over more than one setting. They read the data as it stands in the file, whether or not the rest of it
 * has the right shape, so that a person gets every mistake at once.
 */
import { resolve } from 'node:path';
import { type ConfigFault, pathText, valueAt } from '../../host/config-file.ts';
import { isLoopbackHost } from '../../host/loopback.ts';
import { canonicalAddress } from '../../wire/sockets/address.ts';
import { isPasswordHash } from '../people/password.ts';
import { isPracticeOri, isPracticeOsn } from './practice-set.ts';

type Path = readonly (string | number)[];
type Note = (path: Path, text: string) => void;
type Rule = (data: unknown, note: Note, folder: string) => void;

/** The clocks as the trade sets them (NCIC: 10 minutes urgent, 1 hour routine; the others by hitline's own rule). */
export const tradeClocksMs = {
  confirmUrgentMs: 600_000,
  confirmRoutineMs: 3_600_000,
  approvalUrgentMs: 120_000,
  approvalRoutineMs: 600_000,
  releaseLimitConfirmMs: 300_000,
  releaseLimitRecordMs: 3_600_000,
} as const;

const fixedClocks = new Set(['confirmUrgentMs', 'confirmRoutineMs']);
const liveClockMsMin = 10_000;
const liveReconnectMsMin = 30_000;

/** Gives every fault of the rules over several settings; paths in the data are relative to `folder`. */
export function checkRules(data: unknown, folder: string): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const note: Note = (path, text) => faults.push({ path: pathText(path), text });
  for (const rule of rules) rule(data, note, folder);
  return faults;
}

const textAt = (data: unknown, path: Path): string | undefined => {
  const value = valueAt(data, path);
  return typeof value === 'string' ? value : undefined;
};
const numberAt = (data: unknown, path: Path): number | undefined => {
  const value = valueAt(data, path);
  return typeof value === 'number' ? value : undefined;
};
const listAt = (data: unknown, path: Path): readonly unknown[] => {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
};
const isGiven = (data: unknown, path: Path): boolean => {
  const value = valueAt(data, path);
  return value !== undefined && value !== null;
};
const isPractice = (data: unknown): boolean => valueAt(data, ['practice']) === true;
const isLive = (data: unknown): boolean => valueAt(data, ['practice']) === false;

const practiceNotice: Rule = (data, note) => {
  const given = isGiven(data, ['practiceNotice']);
  if (isPractice(data) && !given) note(['practiceNotice'], 'A practice system must say that it is one.');
  if (isLive(data) && given) note(['practiceNotice'], 'A live system may not carry a practice notice.');
};

/** Walks the whole file, so that no setting added later can let a practice ORI into a live system. */
const practiceOris: Rule = (data, note) => {
  if (!isLive(data)) return;
  const walk = (value: unknown, path: Path): void => {
    if (typeof value === 'string') {
      if (isPracticeOri(value)) note(path, 'This ORI belongs to the practice set; a live system refuses it.');
    } else if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) walk(one, [...path, index]);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) walk(one, [...path, name]);
    }
  };
  walk(data, []);
};

const accounts: Rule = (data, note) => {
  const path: Path = ['people', 'initial'];
  onlyOnce(data, { path, field: 'osn', note });
  for (const index of listAt(data, path).keys()) {
    const osn = textAt(data, [...path, index, 'osn']);
    const hash = textAt(data, [...path, index, 'passwordHash']);
    if (hash !== undefined && !isPasswordHash(hash)) {
      note(
        [...path, index, 'passwordHash'],
        'This is not a password hash of a known kind and cost (a PHC string); `hitline hash-password` makes one.',
      );
    }
    if (valueAt(data, ['fips']) === true && hash?.startsWith('$argon2id') === true) {
      note([...path, index, 'passwordHash'], 'With fips: true a password is hashed by PBKDF2.');
    }
    if (osn === undefined) continue;
    if (isLive(data) && isPracticeOsn(osn)) {
      note([...path, index, 'osn'], 'This is a practice account; a live system refuses it.');
    }
    if (isPractice(data) && !isPracticeOsn(osn)) {
      note(
        [...path, index, 'osn'],
        'In practice an OSN begins with PRAC, so that no account is shared with a live system.',
      );
    }
  }
  if (isLive(data) && isGiven(data, ['people', 'lockMs'])) {
    note(['people', 'lockMs'], 'In a live system only a custodian ends a lock (CJIS AC-7b).');
  }
};

const keyFile: Rule = (data, note, folder) => {
  const dataFolder = textAt(data, ['dataFolder']);
  if (dataFolder === undefined) return;
  const inside = resolve(folder, dataFolder);
  for (const path of [
    ['keys', 'file'],
    ['ledger', 'sealKeyFile'],
    ['ledger', 'postgres', 'passwordFile'],
    ['doors', 'station', 'blockKeyFile'],
    ['upstream', 'blockKeyFile'],
  ]) {
    const file = textAt(data, path);
    if (file !== undefined && resolve(folder, file).startsWith(inside === '/' ? inside : `${inside}/`)) {
      note(path, 'The key may not lie in the data folder: a copy of the folder would carry its own key.');
    }
  }
};

const secondPlace: Rule = (data, note, folder) => {
  const dataFolder = textAt(data, ['dataFolder']);
  const path: Path = ['ledger', 'secondPlaceFile'];
  const file = textAt(data, path);
  if (dataFolder === undefined || file === undefined) return;
  const [inside, place] = [resolve(folder, dataFolder), resolve(folder, file)];
  if (place === inside || place.startsWith(inside === '/' ? inside : `${inside}/`)) {
    note(path, 'The second place may not lie in the data folder: whoever changes the one could change the other.');
  }
};

/** Everything a database is told and asked passes over its line: texts are encrypted, the columns to search by are not. */
const databaseLine: Rule = (data, note) => {
  const path: Path = ['ledger', 'postgres'];
  const host = /@(?:\[([^\]]*)\]|([^:/]*))/.exec(textAt(data, [...path, 'url']) ?? '');
  if (host === null || isGiven(data, [...path, 'caFile'])) return;
  if (!isLoopbackHost(host[1] ?? host[2] ?? '')) {
    note([...path, 'caFile'], 'Without TLS the database may be on loopback only.');
  } else if (isGiven(data, [...path, 'certificateFile']) || isGiven(data, [...path, 'keyFile'])) {
    note([...path, 'caFile'], 'Our certificate is shown over TLS only: the authority of the server is needed too.');
  }
};

const consoles: Rule = (data, note) => {
  onlyOnce(data, { path: ['consoles'], field: 'id', note });
  const list = listAt(data, ['consoles']);
  if (list.length === 0) return;
  const cojs = [...list.keys()].filter((index) => valueAt(data, ['consoles', index, 'coj']) === true);
  if (cojs.length === 0) note(['consoles'], 'One console must be the COJ.');
  for (const index of cojs.slice(1)) note(['consoles', index, 'coj'], 'Only one console can be the COJ.');
  if (isGiven(data, ['doors', 'console', 'tls', 'caFile'])) return;
  for (const index of list.keys()) {
    const path: Path = ['consoles', index, 'certificateSha256'];
    if (isGiven(data, path)) note(path, 'A certificate can be asked for only when doors.console.tls.caFile is set.');
  }
};

const stations: Rule = (data, note) => {
  const path: Path = ['doors', 'station', 'stations'];
  for (const field of ['id', 'certificateSha256']) onlyOnce(data, { path, field, note });
  const seen = new Set<string>();
  for (const index of listAt(data, path).keys()) {
    const address = textAt(data, [...path, index, 'address']);
    const certificate = isGiven(data, [...path, index, 'certificateSha256']);
    if (address === undefined && !certificate) note([...path, index], 'A station needs an address or a certificate.');
    if (certificate && !isGiven(data, ['doors', 'station', 'tls', 'caFile'])) {
      note(
        [...path, index, 'certificateSha256'],
        'A certificate can be asked for only when doors.station.tls.caFile is set.',
      );
    }
    if (address === undefined || certificate) continue;
    const written = canonicalAddress(address);
    if (seen.has(written))
      note([...path, index, 'address'], 'Another station known by its address alone has this one.');
    seen.add(written);
  }
};

const lines: Rule = (data, note) => {
  for (const path of [['doors', 'station'], ['doors', 'console'], ['upstream']] as const) {
    const host = textAt(data, [...path, 'host']);
    const isConsole = path[1] === 'console';
    if (host === undefined || isLoopbackHost(host) || isGiven(data, [...path, 'tls'])) continue;
    if (!isConsole && valueAt(data, [...path, 'insideVpn']) === true) continue;
    const way = isConsole ? 'Set tls' : 'Set tls, or insideVpn when the line runs inside a VPN';
    note([...path, 'host'], `Without TLS only loopback is allowed. ${way}.`);
  }
  for (const door of ['station', 'console']) {
    if (isLive(data) && valueAt(data, ['doors', door, 'port']) === 0) {
      note(['doors', door, 'port'], 'A live system listens on a port of its own, not on any free one.');
    }
  }
  const portOf = (door: string): number => numberAt(data, ['doors', door, 'port']) ?? 0;
  const hostOf = (door: string): string => textAt(data, ['doors', door, 'host']) ?? '127.0.0.1';
  const everyAddress = new Set(['0.0.0.0', '::', hostOf('station')]);
  if (portOf('console') !== 0 && portOf('console') === portOf('station')) {
    const meet = everyAddress.has(hostOf('console')) || ['0.0.0.0', '::'].includes(hostOf('station'));
    if (meet) note(['doors', 'console', 'port'], 'The station door listens there already; each needs its own.');
  }
  for (const path of [['doors', 'station'], ['upstream']] as const) {
    if (isGiven(data, [...path, 'blockKeyFile']) && valueAt(data, [...path, 'profile']) !== 'dmpp-2020') {
      note([...path, 'blockKeyFile'], 'Only dmpp-2020 has encrypted blocks.');
    }
  }
  for (const path of [
    ['upstream', 'tls'],
    ['ledger', 'postgres'],
  ] as const) {
    const certificate = isGiven(data, [...path, 'certificateFile']);
    if (certificate === isGiven(data, [...path, 'keyFile'])) continue;
    note([...path, certificate ? 'keyFile' : 'certificateFile'], 'Certificate and key come together.');
  }
};

const upstream: Rule = (data, note) => {
  const host = textAt(data, ['upstream', 'host']);
  if (isPractice(data) && host !== undefined && !isLoopbackHost(host)) {
    note(['upstream', 'host'], 'A practice system may connect only to a simulated switch on loopback.');
  }
  const reconnectMs = numberAt(data, ['upstream', 'reconnectMs']);
  if (isLive(data) && reconnectMs !== undefined && reconnectMs < liveReconnectMsMin) {
    note(['upstream', 'reconnectMs'], 'In a live system at least 30,000 ms lie between two attempts.');
  }
};

const redis: Rule = (data, note) => {
  if (valueAt(data, ['redis', 'mode']) === 'url' && !isGiven(data, ['redis', 'url'])) {
    note(['redis', 'url'], 'Mode url needs the URL.');
  }
  const prefix = textAt(data, ['redis', 'prefix']);
  if (prefix === undefined) return;
  const isPracticePrefix = prefix.startsWith('hitline-practice');
  if (isPractice(data) && !isPracticePrefix) note(['redis', 'prefix'], 'In practice it begins with hitline-practice.');
  if (isLive(data) && isPracticePrefix) note(['redis', 'prefix'], 'This prefix belongs to practice.');
};

/** A live agency may only be stricter than the trade, and the two confirmation clocks are not its to set at all. */
const clocks: Rule = (data, note) => {
  let shortened = false;
  for (const [name, tradeMs] of Object.entries(tradeClocksMs)) {
    const path = ['clocks', name];
    const ms = numberAt(data, path);
    if (ms === undefined || ms === tradeMs) continue;
    if (ms > tradeMs) note(path, `This clock may not run longer than ${tradeMs} ms.`);
    else shortened = true;
    if (!isLive(data) || ms > tradeMs) continue;
    if (fixedClocks.has(name)) note(path, `In a live system this clock is ${tradeMs} ms.`);
    else if (ms < liveClockMsMin) note(path, `In a live system this clock is at least ${liveClockMsMin} ms.`);
  }
  const said = isGiven(data, ['clocks', 'shortenedNotice']);
  if (shortened && isPractice(data) && !said) {
    note(['clocks', 'shortenedNotice'], 'A practice system with shortened clocks must say so.');
  }
  if (said && (isLive(data) || !shortened)) note(['clocks', 'shortenedNotice'], 'No clock is shortened for practice.');
};

const confirmation: Rule = (data, note) => {
  const state = textAt(data, ['agency', 'state']);
  if (state === undefined) return;
  const path = ['confirmation', 'controlTerminals', state];
  const listed = textAt(data, path);
  if (listed !== undefined && listed !== textAt(data, ['agency', 'controlTerminalOri'])) {
    note(path, 'It differs from agency.controlTerminalOri.');
  }
};

const rules: readonly Rule[] = [
  practiceNotice,
  practiceOris,
  keyFile,
  secondPlace,
  databaseLine,
  consoles,
  stations,
  lines,
  upstream,
  redis,
  clocks,
  confirmation,
  accounts,
];

/** Notes each entry of a list whose field another entry before it has too; letter case makes no difference. */
function onlyOnce(data: unknown, look: { readonly path: Path; readonly field: string; readonly note: Note }): void {
  const seen = new Set<string>();
  for (const index of listAt(data, look.path).keys()) {
    const value = textAt(data, [...look.path, index, look.field])?.toUpperCase();
    if (value === undefined) continue;
    if (seen.has(value)) look.note([...look.path, index, look.field], 'Another entry has the same.');
    seen.add(value);
  }
}
