import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeTlsWatch } from '../../../src/switch/doors/tls-watch.ts';
import { Authority, type Identity, opensslPresent } from '../../wire/certificates.ts';
import { VirtualClock } from '../../wire/virtual-clock.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function follow() {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-watch-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const authority = new Authority();
  closers.push(() => authority.remove());
  const files = { certificateFile: join(folder, 'door.pem'), keyFile: join(folder, 'door.key') };
  const put = (identity: Pick<Identity, 'certificate' | 'key'>): void => {
    writeFileSync(files.certificateFile, identity.certificate);
    writeFileSync(files.keyFile, identity.key);
  };
  const first = authority.issue('first');
  put(first);
  const clock = new VirtualClock();
  const signal = new EventEmitter();
  const codes: string[] = [];
  const say = ({ code }: { readonly code: string }): void => void codes.push(code);
  let changes = 0;
  const watch = makeTlsWatch({
    clock,
    signal,
    log: { debug: say, info: say, warn: say, error: say },
    onChange: () => {
      changes += 1;
    },
  });
  const used: (string | undefined)[] = [];
  const unfollow = watch.follow('station-door', files, ({ certificate }) => used.push(certificate));
  return { authority, first, put, clock, signal, codes, watch, used, unfollow, changeCount: () => changes };
}

describe.skipIf(!opensslPresent)('files of certificates (skipped where openssl is missing)', () => {
  test('are looked at each minute, and used only when they have changed', () => {
    const { authority, put, clock, codes, used } = follow();
    clock.advance(120_000);
    expect(used).toEqual([]);
    const second = authority.issue('second');
    put(second);
    clock.advance(59_999);
    expect(used).toEqual([]);
    clock.advance(1);
    expect(used).toEqual([second.certificate]);
    clock.advance(120_000);
    expect(used).toHaveLength(1);
    expect(codes).toEqual(['CERTIFICATES_RELOADED']);
  });

  test('that cannot be used change nothing but the status, until they can', () => {
    const { authority, first, put, signal, codes, watch, used, changeCount } = follow();
    const second = authority.issue('second');
    put({ certificate: second.certificate, key: first.key });
    signal.emit('SIGUSR2');
    expect([...watch.failing]).toEqual(['station-door']);
    expect(codes).toEqual(['CERTIFICATES_ASKED', 'TLS_SETTINGS']);
    expect(used).toEqual([]);
    put(second);
    signal.emit('SIGUSR2');
    expect(watch.failing.size).toBe(0);
    expect(used).toEqual([second.certificate]);
    expect(changeCount()).toBe(2);
  });

  test('are left alone once nobody follows them', () => {
    const { authority, put, clock, signal, used, unfollow } = follow();
    unfollow();
    put(authority.issue('second'));
    clock.advance(120_000);
    signal.emit('SIGUSR2');
    expect(used).toEqual([]);
    expect(signal.listenerCount('SIGUSR2')).toBe(0);
  });
});
