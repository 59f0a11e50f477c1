/**
 * References: the ten characters by which an answer finds its question. A reference is also the id of its message. Blocks
 * are leased in the ledger, so that no restart and no second gateway ever uses one again. A block begins where the clock
 * stands or later, so that a ledger that was restored from an older copy, which knows nothing of the blocks that were
 * leased after it was made, does not lease them again: an answer to a question that is gone must find none.
 */
import type { Changer, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

interface BlockState extends JsonObject {
  readonly status: 'LEASED';
  readonly from: number;
  readonly to: number;
}

type BlockEvent = { readonly type: 'LEASED'; readonly count: number; readonly atMs: number };

const blockMachine: Machine<BlockState, BlockEvent> = {
  stream: 'reference',
  step(state: BlockState | undefined, event: BlockEvent): Stepped<BlockState> {
    const from = Math.max(state?.to ?? 0, numberAt(event.atMs)) + 1;
    return { ok: true, state: { status: 'LEASED', from, to: from + event.count - 1 }, effects: [] };
  },
  row: (state) => ({ status: state.status, body: state }),
};

const blockSize = 1_000;
/** The clock goes on by so many numbers a second: far more than one gateway asks for day and night. */
const perSecond = 250;
const beginMs = Date.UTC(2026, 0, 1);
/** Digits and letters that nobody takes for one another; eight of them last for 139 years. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 8;

function numberAt(atMs: number): number {
  return Math.max(0, Math.floor(((atMs - beginMs) / 1_000) * perSecond));
}

/** A number as eight characters, which sort as the numbers do. */
function written(number: number): string {
  let rest = number;
  let text = '';
  while (text.length < length) {
    text = `${digits[rest % digits.length] ?? ''}${text}`;
    rest = Math.floor(rest / digits.length);
  }
  return text;
}

/** How a reference of ours looks, as a pattern: `G`, the gateway's letter, the number; ten characters, as a control field needs. */
export const referenceForm = `G[A-Z][${digits}]{${length}}`;

export interface References {
  /** A reference never given before, such as `GA06M2K4Z7`. */
  next(): Promise<string>;
}

/** Leases references for one gateway, which is named by one letter. Skipped numbers are never used again. */
export function leaseReferences(change: Changer, gatewayLetter: string): References {
  let nextNumber = 1;
  let lastNumber = 0;
  let leasing: Promise<void> | undefined;
  const lease = async (): Promise<void> => {
    const block = await change((work) =>
      work.apply(blockMachine, gatewayLetter, {
        event: { type: 'LEASED', count: blockSize, atMs: work.now.atMs },
        actor: 'system',
      }),
    );
    nextNumber = block.from;
    lastNumber = block.to;
  };
  return {
    async next() {
      while (nextNumber > lastNumber) {
        leasing ??= lease().finally(() => {
          leasing = undefined;
        });
        await leasing;
      }
      const number = nextNumber;
      nextNumber += 1;
      return `G${gatewayLetter}${written(number)}`;
    },
  };
}
