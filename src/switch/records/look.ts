/**
 * Reading the ledger is itself an event. A reading shows a text, a name or a person's words: a message, a case, a search, a
 * packet, the criminal-history log. A list of ids, keys and times is none.
 */
import type { Parts } from '../parts.ts';
import type { Doer } from './acts.ts';

/** What somebody looked at: by its id, or by which fields; never what was searched for, which may be a name. */
export interface Look {
  readonly what: string;
  readonly id?: string;
  readonly by?: readonly string[];
  /** Why, in the person's own words: kept encrypted. */
  readonly reason?: string | undefined;
}

/** Files a look. Resolves when the disk has it, so that nothing is shown before. */
export async function fileLook(parts: Pick<Parts, 'change' | 'ids'>, doer: Doer, look: Look): Promise<void> {
  await parts.change(async (change) => {
    change.file({
      stream: 'system',
      id: parts.ids.next('l'),
      type: 'LOOKED',
      actor: doer.osn,
      data: {
        what: look.what,
        about: look.id ?? null,
        by: look.by ?? [],
        device: doer.device,
        roles: doer.roles,
      },
      ...(look.reason === undefined ? {} : { texts: { reason: Buffer.from(look.reason, 'utf8') } }),
    });
  });
}

/** A screen that redraws what it shows already looks at nothing new for so long, and only until the thing has changed. */
const redrawMs = 600_000;
const rememberedMax = 2_000;

/** Files looks of screens: what stands on a screen is drawn again at each change, which is one look and not many. */
export class ScreenLooks {
  readonly #parts: Pick<Parts, 'change' | 'ids' | 'clock'>;
  readonly #shown = new Map<string, number>();

  constructor(parts: Pick<Parts, 'change' | 'ids' | 'clock'>) {
    this.#parts = parts;
  }

  /** Files the look unless this screen shows this person this version of the thing already. */
  async file(
    doer: Doer,
    look: Look & { readonly id: string },
    at: { readonly sessionId: string; readonly version: number },
  ): Promise<void> {
    const name = `${at.sessionId} ${doer.osn} ${look.what} ${look.id} ${at.version}`;
    const nowMs = this.#parts.clock.monoMs();
    const untilMs = this.#shown.get(name);
    if (look.reason === undefined && untilMs !== undefined && nowMs < untilMs) return;
    await fileLook(this.#parts, doer, look);
    this.#shown.delete(name);
    this.#shown.set(name, nowMs + redrawMs);
    for (const oldest of this.#shown.keys()) if (this.#shown.size > rememberedMax) this.#shown.delete(oldest);
  }
}
