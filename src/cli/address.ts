import { UsageError } from './command.ts';

/** Reads `HOST:PORT`, `[::1]:PORT` or `:PORT` (loopback); port 0 asks the machine for a free one. Throws UsageError. */
export function readAddress(option: string, given: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/i.exec(given);
  const port = Number(match?.[3]);
  if (match === null || port > 0xffff) throw new UsageError(`${option} is HOST:PORT, such as 127.0.0.1:6099`);
  return { host: match[1] ?? (match[2] === undefined || match[2] === '' ? '127.0.0.1' : match[2]), port };
}
