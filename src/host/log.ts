/**
 * The log: ids, codes and counts. What a peer or person sent cannot get into it, because a line is made of a fixed set of
 * fields and a text that is no id or code is withheld (DESIGN.md, law 5).
 */
import { pino } from 'pino';
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Everything a log line may say. Texts are ids and codes of our own making; the rest are numbers. */
export interface LogFields {
  /** What happened: an upper-case code, of the fault table or of the code that logs. */
  readonly code: string;
  /** Why: a second code. */
  readonly reason?: string | undefined;
  /** A ledger id, or the id that a screen shows for an unexpected failure. */
  readonly id?: string | undefined;
  readonly link?: string | undefined;
  readonly station?: string | undefined;
  readonly console?: string | undefined;
  readonly session?: string | undefined;
  readonly person?: string | undefined;
  readonly message?: string | undefined;
  readonly case?: string | undefined;
  readonly method?: string | undefined;
  readonly kind?: string | undefined;
  /** Where in the program: see `placeOf`. */
  readonly place?: string | undefined;
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  readonly ms?: number | undefined;
  readonly port?: number | undefined;
  readonly offset?: number | undefined;
  readonly exchangeId?: number | undefined;
  readonly version?: number | undefined;
}

export interface Log {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
}

/** Where lines go. The terminal owns standard output, so a log never does. */
export type LogTarget = 'stderr' | { readonly file: string } | { write(line: string): void };

const textFields = [
  'code',
  'reason',
  'id',
  'link',
  'station',
  'console',
  'session',
  'person',
  'message',
  'case',
  'method',
  'kind',
  'place',
] as const satisfies readonly (keyof LogFields)[];
const numberFields = [
  'count',
  'bytes',
  'ms',
  'port',
  'offset',
  'exchangeId',
  'version',
] as const satisfies readonly (keyof LogFields)[];

const plainText = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$/;
const codeText = /^[A-Z][A-Z0-9_]{0,63}$/;
const withheld = 'WITHHELD';

/** Opens the log: one JSON object a line. A log that cannot be written is given up in silence; it never stops the work. */
export function openLog(options: { level: LogLevel; to: LogTarget; clock: Clock }): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date(options.clock.wallMs()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(settings, openTarget(options.to));
  return {
    debug: (fields) => logger.debug(cleanFields(fields)),
    info: (fields) => logger.info(cleanFields(fields)),
    warn: (fields) => logger.warn(cleanFields(fields)),
    error: (fields) => logger.error(cleanFields(fields)),
  };
}

/**
 * Where an unexpected error came from, as `TypeError:src/switch/doors/x.ts:12`. Its message may hold what a peer sent and
 * is left out.
 */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'NotAnError';
  const name = /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'Error';
  const frame = /\n {4}at [^\n]*?((?:src|node_modules)\/[A-Za-z0-9_./@-]{1,80}:\d+)/.exec(error.stack ?? '')?.[1];
  return frame === undefined ? name : `${name}:${frame.replaceAll('@', '')}`;
}

function openTarget(to: LogTarget): { write(line: string): void } {
  if (typeof to === 'object' && 'write' in to) return to;
  const where = to === 'stderr' ? { dest: 2 } : { dest: to.file, mode: 0o600 };
  const destination = pino.destination({ ...where, sync: true });
  destination.on('error', () => undefined);
  return destination;
}

function cleanFields(fields: LogFields): Record<string, string | number> {
  const line: Record<string, string | number> = {};
  for (const name of textFields) {
    const value: unknown = fields[name];
    if (value === undefined) continue;
    const pattern = name === 'code' || name === 'reason' ? codeText : plainText;
    line[name] = typeof value === 'string' && pattern.test(value) ? value : withheld;
  }
  for (const name of numberFields) {
    const value: unknown = fields[name];
    if (value === undefined) continue;
    line[name] = typeof value === 'number' && Number.isFinite(value) ? value : withheld;
  }
  return line;
}
