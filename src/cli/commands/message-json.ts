/** The `message` object of `hitline parse`, checked before anything is built from it. */
import { z } from 'zod';
import { HitlineError } from '../../faults/fault.ts';
import type { Message } from '../../formats/message.ts';
import { shapeFaults } from '../json-input.ts';

const stamp = z.strictObject({ time: z.string(), date: z.string(), seq: z.string() });
const messageSchema = z.strictObject({
  line: z.enum(['ncic', 'iii', 'nlets', 'state', 'reply']),
  key: z.string(),
  header: z.string().exactOptional(),
  control: z.string().exactOptional(),
  ori: z.string(),
  destinations: z.array(z.string()),
  fields: z.record(z.string(), z.array(z.string())),
  text: z.string().exactOptional(),
  stamps: z.strictObject({ received: stamp, sent: stamp }).exactOptional(),
});

const ourNames: ReadonlySet<string> = new Set([
  ...Object.keys(messageSchema.shape),
  ...Object.keys(stamp.shape),
  'received',
  'sent',
]);

/** Takes what `parse` printed, or its `message` alone; throws INPUT_SHAPE with every place that does not fit. */
export function readMessageJson(value: unknown): Message {
  const inner = typeof value === 'object' && value !== null && 'message' in value ? value.message : value;
  const read = messageSchema.safeParse(inner);
  if (read.success) return read.data;
  throw new HitlineError('INPUT_SHAPE', { faults: shapeFaults(read.error.issues, ourNames) });
}
