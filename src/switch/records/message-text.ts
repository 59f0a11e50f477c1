/** Reading back what is on file about one message: its text, and the words people gave. */
import type { Ledger, StoredEvent } from '../ledger/ledger.ts';

/**
 * The exact text of a message as it leaves, left or came, or as a station sent it (`draft`); undefined when the ledger has
 * none.
 */
export async function textOfMessage(
  ledger: Ledger,
  id: string,
  name: 'text' | 'draft' = 'text',
): Promise<string | undefined> {
  return namedText(ledger, await ledger.history('message', id), name);
}

/** The newest text kept under this name in a history. */
export async function namedText(
  ledger: Ledger,
  events: readonly StoredEvent[],
  name: string,
): Promise<string | undefined> {
  const event = events.findLast((one) => one.textNames.includes(name));
  if (event === undefined) return undefined;
  const bytes = await ledger.text(event, name);
  if (bytes === undefined) return undefined;
  return Buffer.from(bytes).toString('utf8');
}
