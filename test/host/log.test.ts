import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/host/clock.ts';
import { type LogFields, openLog, placeOf } from '../../src/host/log.ts';

const clock: Clock = { wallMs: () => 1_800_000_000_000, monoMs: () => 0, after: () => () => undefined };

function logged(write: (log: ReturnType<typeof openLog>) => void): string[] {
  const lines: string[] = [];
  write(openLog({ level: 'info', to: { write: (line) => void lines.push(line) }, clock }));
  return lines;
}

describe('the log', () => {
  it('writes one JSON object a line, with the clock of the port', () => {
    const lines = logged((log) => log.warn({ code: 'LINK_CLOSED', link: 'up-1', reason: 'PEER_SILENT', ms: 12.5 }));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: '2027-01-15T08:00:00.000Z',
      code: 'LINK_CLOSED',
      link: 'up-1',
      reason: 'PEER_SILENT',
      ms: 12.5,
    });
  });

  it('keeps nothing below its level', () => {
    expect(logged((log) => log.debug({ code: 'QUIET' }))).toEqual([]);
  });

  it('withholds whatever is no id and no code, whichever field it came in', () => {
    const fields = ['code', 'reason', 'id', 'link', 'station', 'person', 'place'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.string(), (field, noise) => {
        const value = `RECORD, SAMPLE ${noise}`;
        const lines = logged((log) => log.error({ code: 'X', [field]: value }));
        expect(lines).toHaveLength(1);
        expect(JSON.parse(lines[0] ?? '')[field]).toBe('WITHHELD');
      }),
    );
  });

  it('drops fields it does not know, even when a cast lets them through', () => {
    const odd = { code: 'X', text: 'RECORD, SAMPLE', error: new Error('RECORD, SAMPLE') } as LogFields;
    expect(logged((log) => log.error(odd)).join('')).not.toContain('SAMPLE');
  });

  it('tells where an error came from without its message', () => {
    const place = placeOf(new TypeError('RECORD, SAMPLE\n    at src/evil/made-up.ts:1'));
    expect(place).toMatch(/^TypeError/);
    expect(place).not.toContain('SAMPLE');
    const thrown = (() => {
      try {
        openLog({ level: 'info', to: { file: '/nowhere/at/all' }, clock });
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(placeOf(thrown)).toMatch(/^[A-Za-z]+(:(src|node_modules)\/[A-Za-z0-9_./-]+:\d+)?$/);
    expect(placeOf('RECORD, SAMPLE')).toBe('NotAnError');
  });
});
