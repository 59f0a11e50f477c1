/** Reading the ledger is itself an event. */
import type { Parts } from '../parts.ts';

/** What somebody looked at: by its id, or by which fields; never what was searched for, which may be a name. */
export interface Look {
  readonly what: string;
  readonly id?: string;
  readonly by?: readonly string[];
  /** Why, in the person's own words: kept encrypted. */
  readonly reason?: string | undefined;
}

/** Files a look. Resolves when the disk has it, so that nothing is shown before. */
export async function fileLook(parts: Pick<Parts, 'change' | 'ids'>, osn: string, look: Look): Promise<void> {
  await parts.change(async (change) => {
    change.file({
      stream: 'system',
      id: parts.ids.next('l'),
      type: 'LOOKED',
      actor: osn,
      data: { what: look.what, about: look.id ?? null, by: look.by ?? [] },
      ...(look.reason === undefined ? {} : { texts: { reason: Buffer.from(look.reason, 'utf8') } }),
    });
  });
}
