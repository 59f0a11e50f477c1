/** The tap of the gateway's lines: it costs next to nothing until somebody traces a line, a station or a single link. */
import type { Frame } from '../../wire/framing/frame.ts';
import type { Link } from '../../wire/link.ts';
import type { LinkTap } from '../../wire/sockets/socket-link.ts';

export class LineWatch implements LinkTap {
  /** Recorders by what they record: a link's id, or the name its line or station goes by. */
  readonly #recorders = new Map<string, Set<LinkTap>>();
  readonly #nameOf: (link: Link) => string | undefined;

  /** `nameOf` gives `upstream`, the id of the station whose link it is, or nothing for a peer nobody knows. */
  constructor(nameOf: (link: Link) => string | undefined) {
    this.#nameOf = nameOf;
  }

  /** Records what passes on these links from now on; gives a function that ends it. */
  add(of: string, recorder: LinkTap): () => void {
    const recorders = this.#recorders.get(of) ?? new Set();
    this.#recorders.set(of, recorders);
    recorders.add(recorder);
    return () => {
      recorders.delete(recorder);
      if (recorders.size === 0 && this.#recorders.get(of) === recorders) this.#recorders.delete(of);
    };
  }

  onBytes(link: Link, direction: 'in' | 'out', bytes: Buffer): void {
    for (const one of this.#of(link)) one.onBytes?.(link, direction, bytes);
  }

  onFrameIn(link: Link, frame: Frame): void {
    for (const one of this.#of(link)) one.onFrameIn?.(link, frame);
  }

  /** A trace only looks: what leaves is what would have left without it. */
  onFrameOut(link: Link, frame: Frame, bytes: Buffer): Buffer {
    for (const one of this.#of(link)) one.onFrameOut?.(link, frame, bytes);
    return bytes;
  }

  #of(link: Link): readonly LinkTap[] {
    if (this.#recorders.size === 0) return [];
    const name = this.#nameOf(link);
    const named = name === undefined ? undefined : this.#recorders.get(name);
    return [...(this.#recorders.get(link.id) ?? []), ...(named ?? [])];
  }
}
