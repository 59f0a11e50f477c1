/** The file of `--trace`: readable by its owner alone, written behind the links' back, never in their way. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { HitlineError } from '../faults/fault.ts';

/** Text that may wait for a slow disk; beyond it the trace ends and says so, because the links may not wait. */
const waitingCharactersMax = 16_777_216;

export interface TraceFile {
  readonly write: (text: string) => void;
  close(): Promise<void>;
}

/** Opens a new file; throws TRACE_FILE when it is there already or can't be made. */
export async function openTraceFile(file: string): Promise<TraceFile> {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new HitlineError('TRACE_FILE', { cause });
  }
  let isOver = false;
  // A disk that fails later ends the trace, not the gateway.
  stream.on('error', () => {
    isOver = true;
  });
  return {
    write(text) {
      if (isOver) return;
      isOver = stream.writableLength > waitingCharactersMax;
      stream.write(isOver ? '# the disk could not keep up; the trace ends here\n' : text);
    },
    async close() {
      if (stream.destroyed) return;
      stream.end();
      await once(stream, 'close');
    },
  };
}
