import net from 'node:net';
import { expect, test } from 'vitest';
import { isLoopbackTarget } from './loopback-guard.ts';

test('a connection to anything but loopback is refused before it leaves', () => {
  expect(() => net.connect({ host: '192.0.2.1', port: 9 })).toThrow(/only loopback/);
  expect(() => net.connect(9, '192.0.2.1')).toThrow(/only loopback/);
});

test('loopback addresses and unix sockets are allowed', () => {
  expect(isLoopbackTarget({ host: '127.0.0.1' })).toBe(true);
  expect(isLoopbackTarget({ host: '::1' })).toBe(true);
  expect(isLoopbackTarget({ path: '/tmp/x.sock' })).toBe(true);
  expect(isLoopbackTarget({ host: '10.0.0.1' })).toBe(false);
  expect(isLoopbackTarget({ host: '1270.0.0.1' })).toBe(false);
});
