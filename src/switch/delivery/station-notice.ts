/** The gateway's own words to a station: one plain layout for "held", "refused", "sent" and for every fault at once. */
import type { Fault } from '../../faults/fault.ts';

export interface StationNotice {
  /** HELD, REJECTED, REFUSED, SENT, IN_DOUBT … */
  readonly status: string;
  /** Our reference, when the message got one. */
  readonly reference: string | undefined;
  /** The control field the station sent, so that it finds its own message. */
  readonly control: string | undefined;
  readonly lines: readonly string[];
  readonly faults?: readonly Fault[];
}

/**
 * Lays a notice out as ASCII lines: `HITLINE.<status>`, then `CONTROL`, `REFERENCE`, `FAULT code field offset text` and
 * `TEXT` lines, each only when there is something to say. Faults carry codes, field codes and offsets, never values.
 */
export function buildNotice(notice: StationNotice): string {
  const lines = [`HITLINE.${notice.status}`];
  if (notice.control !== undefined) lines.push(`CONTROL *${notice.control}`);
  if (notice.reference !== undefined) lines.push(`REFERENCE ${notice.reference}`);
  for (const fault of notice.faults ?? []) {
    lines.push(`FAULT ${fault.code} ${fault.field ?? '-'} ${fault.offset ?? '-'} ${fault.text}`);
  }
  for (const line of notice.lines) lines.push(`TEXT ${line}`);
  return lines.join('\n').replace(/[^\x20-\x7e\n]/g, '-');
}
