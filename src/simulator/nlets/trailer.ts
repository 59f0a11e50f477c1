/** The switch's own lines under a reply, with its counters (shape from wire.md 9; their meaning is inferred). */

export interface Trailer {
  readonly reference: number;
  readonly inSeq: number;
  readonly outSeq: number;
  readonly station: string;
  readonly nowMs: number;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const two = (value: number): string => String(value).padStart(2, '0');

function at(nowMs: number): string {
  const date = new Date(nowMs);
  const day = `${two(date.getUTCDate())}${months[date.getUTCMonth()]}${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `MRI n IN: line seq AT …` and `OUT: station seq AT …`. */
export function trailerLines(trailer: Trailer): readonly string[] {
  return [
    `MRI ${trailer.reference} IN: NLI1 ${trailer.inSeq} AT ${at(trailer.nowMs)}`,
    `OUT: ${trailer.station} ${trailer.outSeq} AT ${at(trailer.nowMs)}`,
  ];
}
