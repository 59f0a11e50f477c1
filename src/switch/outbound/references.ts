/**
 * References: the ten characters by which an answer finds its question. A reference is also the id of its message. Blocks
 * are leased in the ledger, so that no restart and no second gateway ever uses one again.
 */
import type { Changer, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

interface BlockState extends JsonObject {
  readonly status: 'LEASED';
  readonly from: number;
  readonly to: number;
}

type BlockEvent = { readonly type: 'LEASED'; readonly count: number };

const blockMachine: Machine<BlockState, BlockEvent> = {
  stream: 'reference',
  step(state: BlockState | undefined, event: BlockEvent): Stepped<BlockState> {
    const from = (state?.to ?? 0) + 1;
    return { ok: true, state: { status: 'LEASED', from, to: from + event.count - 1 }, effects: [] };
  },
  row: (state) => ({ status: state.status, body: state }),
};

const blockSize = 1_000;

export interface References {
  /** A reference never given before, such as `GA00000017`. */
  next(): Promise<string>;
}

/** Leases references for one gateway, which is named by one letter. Skipped numbers are never used again. */
export function leaseReferences(change: Changer, gatewayLetter: string): References {
  let nextNumber = 1;
  let lastNumber = 0;
  let leasing: Promise<void> | undefined;
  const lease = async (): Promise<void> => {
    const block = await change((work) =>
      work.apply(blockMachine, gatewayLetter, { event: { type: 'LEASED', count: blockSize }, actor: 'system' }),
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
      return `G${gatewayLetter}${String(number).padStart(8, '0')}`;
    },
  };
}
