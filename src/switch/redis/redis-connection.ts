/** Connections to Redis that never give up and never throw: one place for their settings and for saying what is wrong. */

import { Redis } from 'ioredis';

const retryMsMax = 500;
const connectMsMax = 2_000;

/** Where to connect: a URL (`redis://`, `rediss://`, `unix:/`), or a unix socket. */
export type RedisAddress = { readonly url: string } | { readonly socketPath: string };

/**
 * Opens a connection that tries for ever, twice a second at worst. Commands wait for it without an end, which BullMQ's
 * workers need (`maxRetriesPerRequest: null`); who must not wait looks at its `status` first.
 */
export function openRedis(address: RedisAddress): Redis {
  const options = {
    maxRetriesPerRequest: null,
    connectTimeout: connectMsMax,
    retryStrategy: (times: number) => Math.min(times * 50, retryMsMax),
    // A read-only replica after a fail-over: connect anew, to find the one that writes.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  const socketPath = socketOf(address);
  return socketPath === undefined && 'url' in address
    ? new Redis(address.url, options)
    : new Redis({ ...options, path: socketPath ?? '' });
}

function socketOf(address: RedisAddress): string | undefined {
  if ('socketPath' in address) return address.socketPath;
  return address.url.startsWith('unix:') ? address.url.replace(/^unix:(\/\/(?=\/))?/, '') : undefined;
}

/** The address as a person may see it: without user and password. */
export function describeAddress(address: RedisAddress): string {
  const socketPath = socketOf(address);
  if (socketPath !== undefined) return `unix:${socketPath}`;
  if (!('url' in address) || !URL.canParse(address.url)) return 'the configured address';
  const url = new URL(address.url);
  return `${url.protocol}//${url.host}`;
}

/**
 * The code of what a Redis call failed with: the machine's (`ECONNREFUSED`) or the first word of Redis's own answer
 * (`NOAUTH`, `OOM`), and no more of it, because the rest may quote what was sent.
 */
export function redisCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && /^[A-Z_0-9]{2,40}$/.test(code)) return code;
  const word = /^[A-Z]{2,20}(?= )/.exec(error.message)?.[0];
  // The connection went while the call was under way.
  return word ?? (error.name === 'AbortError' ? 'ABORTED' : 'UNKNOWN');
}
