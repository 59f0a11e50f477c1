/**
 * `.trc`: what passed over links, one line a chunk, readable by people and by `hitline replay`. First a line of facts, then
 * lines of: milliseconds since the start, the link's id, `in` or `out` as the recording side saw it, the bytes in hex.
 */
import { type Fault, makeFault } from '../../faults/fault.ts';

export interface TraceHeader {
  readonly profile: string;
  /** Who recorded it. Only what the simulated switch said and heard may become a fixture. */
  readonly by: 'simulator' | 'gateway';
  /** True when letters and digits of every payload were masked before they were written. */
  readonly scrubbed: boolean;
  /** Wall time of the start, ISO 8601. */
  readonly startedAt: string;
}

export interface TraceLine {
  readonly atMs: number;
  readonly link: string;
  readonly direction: 'in' | 'out';
  readonly bytes: Buffer;
}

export interface Trace {
  readonly header: TraceHeader;
  readonly lines: readonly TraceLine[];
}

const headerPattern = /^# hitline-trace 1 profile=([a-z0-9-]+) by=(simulator|gateway) scrubbed=(yes|no) started=(\S+)$/;
const linePattern = /^(\d+\.\d{3}) ([A-Za-z0-9_-]+) (in|out) ((?:[0-9A-F]{2})+)$/;

/** The first line of a trace, with its newline. */
export function formatTraceHeader(header: TraceHeader): string {
  const { profile, by, scrubbed, startedAt } = header;
  return `# hitline-trace 1 profile=${profile} by=${by} scrubbed=${scrubbed ? 'yes' : 'no'} started=${startedAt}\n`;
}

/** One line of a trace, with its newline. */
export function formatTraceLine(line: TraceLine): string {
  return `${line.atMs.toFixed(3)} ${line.link} ${line.direction} ${line.bytes.toString('hex').toUpperCase()}\n`;
}

/** Reads a trace. TRACE_LINE names each line that is none by the offset of its first character; lines with # are remarks. */
export function parseTrace(
  text: string,
): { readonly ok: true; readonly trace: Trace } | { readonly ok: false; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const lines: TraceLine[] = [];
  let header: TraceHeader | undefined;
  let offset = 0;
  for (const raw of text.split('\n')) {
    const first = offset === 0 ? headerPattern.exec(raw) : null;
    const found = linePattern.exec(raw);
    if (first !== null) {
      header = {
        profile: first[1] ?? '',
        by: first[2] === 'simulator' ? 'simulator' : 'gateway',
        scrubbed: first[3] === 'yes',
        startedAt: first[4] ?? '',
      };
    } else if (found !== null) {
      lines.push({
        atMs: Number(found[1]),
        link: found[2] ?? '',
        direction: found[3] === 'in' ? 'in' : 'out',
        bytes: Buffer.from(found[4] ?? '', 'hex'),
      });
    } else if (raw !== '' && !raw.startsWith('#') && faults.length < 100) {
      faults.push(makeFault('TRACE_LINE', { offset }));
    }
    offset += raw.length + 1;
  }
  if (header === undefined) return { ok: false, faults: [makeFault('TRACE_HEADER', { offset: 0 }), ...faults] };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, trace: { header, lines } };
}
